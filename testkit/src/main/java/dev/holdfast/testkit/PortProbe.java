package dev.holdfast.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** Checks whether a server accepts connections on a port of 127.0.0.1. */
final class PortProbe {
    private static final byte[] PROTOCOL_HEADER = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
    private static final int TIMEOUT_MILLIS = 2000;
    private static final int TYPE_METHOD = 1;

    private PortProbe() {}

    static boolean isListening(int port) {
        try (Socket socket = connect(port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Sends the protocol header of AMQP 0-9-1 and waits for the first octet of connection.start, a method frame. */
    static boolean speaksAmqp(int port) {
        try (Socket socket = connect(port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(PROTOCOL_HEADER);
            return socket.getInputStream().read() == TYPE_METHOD;
        } catch (IOException e) {
            return false;
        }
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
        return socket;
    }
}
