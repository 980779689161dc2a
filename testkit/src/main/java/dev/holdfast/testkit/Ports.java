package dev.holdfast.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reserves ports for brokers that keep their port while they are down. The ports are below the ephemeral range: an
 * ephemeral port that is free for the seconds of a restart would sooner or later be taken by an outgoing connection of
 * a test. No port is returned twice.
 */
final class Ports {
    private static final int MIN_PORT = 10_000;
    private static final int MAX_PORT = 32_000;
    private static final int ATTEMPTS = 1000;
    private static final Random RANDOM = new Random();
    private static final Set<Integer> RESERVED = ConcurrentHashMap.newKeySet();

    private Ports() {}

    static int reserve() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = MIN_PORT + RANDOM.nextInt(MAX_PORT - MIN_PORT);
            if (isFree(port) && RESERVED.add(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port on 127.0.0.1 between " + MIN_PORT + " and " + MAX_PORT);
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
