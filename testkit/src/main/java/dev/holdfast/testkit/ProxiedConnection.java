package dev.holdfast.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
    private final Valve toBroker;
    private final Valve toClient;
    private final long limitToBroker;
    private final long limitToClient;
    private final Consumer<ProxiedConnection> whenOver;
    private final AtomicBoolean cut = new AtomicBoolean();
    private final AtomicInteger openWays = new AtomicInteger(2);

    /** What was set for the next connection holds for this one. */
    ProxiedConnection(Socket client, Valve toBroker, Valve toClient, Consumer<ProxiedConnection> whenOver) {
        this.client = client;
        this.toBroker = toBroker;
        this.toClient = toClient;
        this.limitToBroker = toBroker.takeLimit();
        this.limitToClient = toClient.takeLimit();
        this.whenOver = whenOver;
    }

    /** To connect may take its time, which must not hold up the next client, so it happens on a thread of this connection. */
    void start(int target) {
        Daemon.start(() -> connect(target), "fault-proxy-to-broker");
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
        Daemon.start(() -> run(broker, client, toClient, limitToClient), "fault-proxy-to-client");
        run(client, broker, toBroker, limitToBroker);
    }

    private void run(Socket from, Socket to, Valve valve, long limit) {
        try {
            if (pump(from, to, valve, limit)) {
                end(to);
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
    private boolean pump(Socket from, Socket to, Valve valve, long limit) throws IOException, InterruptedException {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        byte[] buffer = new byte[BUFFER];
        long left = limit;
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                return true;
            }
            for (int sent = 0; sent < read; ) {
                int slice = valve.pass(read - sent, cut);
                if (slice == 0) {
                    return false;
                }
                // Counted first: whoever has received a byte finds it counted.
                valve.count(slice);
                out.write(buffer, sent, slice);
                sent += slice;
            }
            left -= read;
        }
        return false;
    }

    /** Hands on the end of one way; the other may still be used. */
    private void end(Socket to) throws IOException {
        if (openWays.decrementAndGet() == 0) {
            cut();
        } else {
            to.shutdownOutput();
        }
    }

    /** Cuts both ways; whatever either side sends from now on is answered by a reset. */
    void cut() {
        if (cut.compareAndSet(false, true)) {
            closeQuietly(client);
            closeQuietly(broker);
            toBroker.wake();
            toClient.wake();
            whenOver.accept(this);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Closed is what it was to be.
        }
    }
}
