package dev.holdfast.internal.transport;

import dev.holdfast.Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A broker's address, and one IP address of its host.
 *
 * @param several whether the host has other IP addresses, so that messages name this one
 */
public record ConnectTarget(Address address, InetAddress ip, boolean several) {
    InetSocketAddress socket() {
        return new InetSocketAddress(ip, address.port());
    }

    @Override
    public String toString() {
        return several ? address + " (" + ip.getHostAddress() + ")" : address.toString();
    }
}
