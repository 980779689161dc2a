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

/** Two sockets and a thread for each way between them. */
final class ProxiedConnection {
    private static final int BUFFER = 64 << 10;

    private final Socket client;
    private final Socket broker = new Socket();
    private final Relay toBroker;
    private final Relay toClient;
    private final Consumer<ProxiedConnection> whenOver;
    private final AtomicBoolean cut = new AtomicBoolean();
    private final AtomicInteger openWays = new AtomicInteger(2);

    /** What was set for the next connection holds for this one. */
    ProxiedConnection(
            Socket client, TrafficShaper toBroker, TrafficShaper toClient, Consumer<ProxiedConnection> whenOver) {
        this.client = client;
        this.toBroker = new Relay(client, broker, toBroker);
        this.toClient = new Relay(broker, client, toClient);
        this.whenOver = whenOver;
    }

    /** To connect may take its time, which must not hold up the next client, so it happens on a thread of this connection. */
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

    /** Cuts both ways; whatever either side sends from now on is answered by a reset. */
    void cut() {
        if (cut.compareAndSet(false, true)) {
            closeQuietly(client);
            closeQuietly(broker);
            toBroker.shaper.wake();
            toClient.shaper.wake();
            whenOver.accept(this);
        }
    }

    /** Cuts both ways by a reset. */
    void reset() {
        resetOnClose(client);
        resetOnClose(broker);
        cut();
    }

    /** Ends one way in good order; the other may still be used. */
    void end(Direction direction) {
        try {
            (direction == Direction.TO_BROKER ? toBroker : toClient).end();
        } catch (IOException e) {
            cut();
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Closed is what it was to be.
        }
    }

    private static void resetOnClose(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // It is closed already.
        }
    }

    /** One direction. */
    private final class Relay {
        private final Socket from;
        private final Socket to;
        private final TrafficShaper shaper;
        private final TrafficShaper.ConnectionFaults faults;
        private final AtomicBoolean ended = new AtomicBoolean();

        Relay(Socket from, Socket to, TrafficShaper shaper) {
            this.from = from;
            this.to = to;
            this.shaper = shaper;
            this.faults = shaper.takeNextFaults();
        }

        private void run() {
            try {
                if (pump()) {
                    end();
                    return;
                }
            } catch (IOException e) {
                // One of the two is gone, so the other has to go too.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            cut();
        }

        /** True if the sender has ended its side in good order, false if the connection is to be cut. */
        private boolean pump() throws IOException, InterruptedException {
            InputStream in = from.getInputStream();
            byte[] buffer = new byte[BUFFER];
            long done = 0;
            while (done < faults.limit()) {
                int read = in.read(buffer, 0, (int) Math.min(buffer.length, faults.limit() - done));
                if (read < 0) {
                    return true;
                }
                faults.corrupt(buffer, read, done);
                if (!handOn(buffer, read)) {
                    return false;
                }
                done += read;
            }
            return false;
        }

        private boolean handOn(byte[] buffer, int length) throws IOException, InterruptedException {
            long arrived = System.nanoTime();
            for (int sent = 0; sent < length && !ended.get(); ) {
                int slice = shaper.pass(length - sent, arrived, cut);
                if (slice == 0) {
                    return false;
                }
                // Counted first: whoever has received a byte finds it counted.
                shaper.count(slice);
                try {
                    to.getOutputStream().write(buffer, sent, slice);
                } catch (IOException e) {
                    if (!ended.get()) {
                        throw e;
                    }
                }
                sent += slice;
            }
            return true;
        }

        /** Hands on the end of one way, once; with the second of the two the connection is over. */
        private void end() throws IOException {
            if (ended.compareAndSet(false, true)) {
                if (openWays.decrementAndGet() == 0) {
                    cut();
                } else {
                    to.shutdownOutput();
                }
            }
        }
    }
}
