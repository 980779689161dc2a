package dev.holdfast.testkit;

import dev.holdfast.testkit.FaultProxy.Direction;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** One connection of a {@link FaultProxy}: two sockets, and one thread for each direction. */
final class ProxiedConnection {
    private static final int BUFFER_BYTES = 64 << 10;

    private final Socket client;
    private final Socket broker = new Socket();
    private final Relay toBroker;
    private final Relay toClient;
    private final Consumer<ProxiedConnection> onClose;
    private final AtomicBoolean cut = new AtomicBoolean();
    private final AtomicInteger openDirections = new AtomicInteger(2);

    /** Takes the faults that were set for the next connection. */
    ProxiedConnection(
            Socket client, TrafficShaper toBroker, TrafficShaper toClient, Consumer<ProxiedConnection> onClose) {
        this.client = client;
        this.toBroker = new Relay(client, broker, toBroker);
        this.toClient = new Relay(broker, client, toClient);
        this.onClose = onClose;
    }

    /** Connects on a thread of this connection: connecting may block, and must not delay the next accept. */
    void start(int target) {
        DaemonThreads.start(() -> connect(target), "fault-proxy-to-broker");
    }

    private void connect(int target) {
        try {
            client.setTcpNoDelay(true);
            broker.setTcpNoDelay(true);
            broker.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
        } catch (IOException e) {
            cut();
            return;
        }
        DaemonThreads.start(toClient::run, "fault-proxy-to-client");
        toBroker.run();
    }

    /** Closes both sockets; the system answers later bytes of either peer with an RST. */
    void cut() {
        if (cut.compareAndSet(false, true)) {
            closeQuietly(client);
            closeQuietly(broker);
            toBroker.shaper.wake();
            toClient.shaper.wake();
            onClose.accept(this);
        }
    }

    /** Closes both sockets with an RST. */
    void reset() {
        resetOnClose(client);
        resetOnClose(broker);
        cut();
    }

    /** Sends a FIN in one direction; the other stays open. */
    void halfClose(Direction direction) {
        try {
            (direction == Direction.TO_BROKER ? toBroker : toClient).halfClose();
        } catch (IOException e) {
            cut();
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // The socket is given up in any case.
        }
    }

    private static void resetOnClose(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // It is closed already.
        }
    }

    /** Forwards the bytes of one direction. */
    private final class Relay {
        private final Socket from;
        private final Socket to;
        private final TrafficShaper shaper;
        private final TrafficShaper.ConnectionFaults faults;
        private final AtomicBoolean halfClosed = new AtomicBoolean();

        Relay(Socket from, Socket to, TrafficShaper shaper) {
            this.from = from;
            this.to = to;
            this.shaper = shaper;
            this.faults = shaper.takeNextFaults();
        }

        private void run() {
            try {
                if (pump()) {
                    halfClose();
                    return;
                }
            } catch (IOException e) {
                // One of the two sockets failed, so both are closed.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            cut();
        }

        /** Forwards until the end. Returns true if the sender sent a FIN, false if the connection is to be cut. */
        private boolean pump() throws IOException, InterruptedException {
            InputStream in = from.getInputStream();
            byte[] buffer = new byte[BUFFER_BYTES];
            long forwarded = 0;
            while (forwarded < faults.byteLimit()) {
                int read = in.read(buffer, 0, (int) Math.min(buffer.length, faults.byteLimit() - forwarded));
                if (read < 0) {
                    return true;
                }
                faults.corrupt(buffer, read, forwarded);
                if (!forward(buffer, read)) {
                    return false;
                }
                forwarded += read;
            }
            return false;
        }

        private boolean forward(byte[] buffer, int length) throws IOException, InterruptedException {
            long arrivalNanos = System.nanoTime();
            for (int sent = 0; sent < length && !halfClosed.get(); ) {
                int slice = shaper.acquire(length - sent, arrivalNanos, cut);
                if (slice == 0) {
                    return false;
                }
                // Counts before the write: a byte that a peer has received is counted.
                shaper.addForwarded(slice);
                try {
                    to.getOutputStream().write(buffer, sent, slice);
                } catch (IOException e) {
                    if (!halfClosed.get()) {
                        throw e;
                    }
                }
                sent += slice;
            }
            return true;
        }

        /** Forwards the FIN of one direction, once. The connection is over after the second direction. */
        private void halfClose() throws IOException {
            if (halfClosed.compareAndSet(false, true)) {
                if (openDirections.decrementAndGet() == 0) {
                    cut();
                } else {
                    to.shutdownOutput();
                }
            }
        }
    }
}
