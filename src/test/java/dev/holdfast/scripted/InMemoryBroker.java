package dev.holdfast.scripted;

import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.scripted.ScriptedLink.Frame;
import dev.holdfast.scripted.ScriptedLink.Published;
import dev.holdfast.scripted.ScriptedLink.Received;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A broker in memory that stores and confirms every publish. Each connection has a thread. */
final class InMemoryBroker implements AutoCloseable {
    private final ServerSocket listener;
    private final List<Published> stored = new ArrayList<>();
    private final BlockingQueue<ConnectionMethods.Close> closes = new LinkedBlockingQueue<>();

    private InMemoryBroker(ServerSocket listener) {
        this.listener = listener;
    }

    static InMemoryBroker start() throws IOException {
        InMemoryBroker broker = new InMemoryBroker(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        daemon(broker::accept);
        return broker;
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Removes and returns the stored messages, in order. */
    List<Published> takeMessages() {
        synchronized (stored) {
            List<Published> messages = List.copyOf(stored);
            stored.clear();
            return messages;
        }
    }

    /** The URI of this broker. */
    String uri() {
        return "amqp://guest:guest@127.0.0.1:" + port() + "/";
    }

    /** Waits for the next connection.close of any client. */
    ConnectionMethods.Close nextClose() throws InterruptedException {
        ConnectionMethods.Close close = closes.poll(10, TimeUnit.SECONDS);
        if (close == null) {
            throw new AssertionError("no client closed its connection");
        }
        return close;
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                ScriptedLink link = new ScriptedLink(socket);
                daemon(() -> serve(link));
            }
        } catch (IOException e) {
            // close() has closed the listener.
        }
    }

    private void serve(ScriptedLink link) {
        Map<Integer, Long> tags = new HashMap<>();
        try {
            link.handshake(2047, 131_072, "script");
            boolean open = true;
            while (open) {
                Frame frame = link.next();
                open = reply(link, frame.channel(), frame.method(), tags);
            }
        } catch (UncheckedIOException | AssertionError e) {
            // The connection was cut.
        } finally {
            link.cut();
        }
    }

    private boolean reply(ScriptedLink link, int channel, Method method, Map<Integer, Long> tags) {
        if (method instanceof BasicMethods.Publish publish) {
            Published message = link.contentOf(new Received<>(link, channel, publish));
            synchronized (stored) {
                stored.add(message);
            }
            link.ack(channel, tags.merge(channel, 1L, Long::sum));
        } else if (method instanceof ChannelMethods.Open) {
            link.send(channel, ChannelMethods.OpenOk.INSTANCE);
        } else if (method instanceof ConfirmMethods.Select) {
            link.send(channel, ConfirmMethods.SelectOk.INSTANCE);
        } else if (method instanceof QueueMethods.Declare declare) {
            link.send(channel, new QueueMethods.DeclareOk(declare.queue(), 0, 0));
        } else if (method instanceof ChannelMethods.Close) {
            link.send(channel, ChannelMethods.CloseOk.INSTANCE);
        } else if (method instanceof ConnectionMethods.Close close) {
            closes.add(close);
            link.send(channel, ConnectionMethods.CloseOk.INSTANCE);
            return false;
        } else {
            throw new AssertionError("unexpected: " + method);
        }
        return true;
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "in-memory-broker");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
