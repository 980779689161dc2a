package dev.holdfast.scripted;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.MessageProperties;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.ExchangeMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.internal.protocol.TxMethods;
import dev.holdfast.scripted.ScriptedLink.Frame;
import dev.holdfast.scripted.ScriptedLink.Published;
import dev.holdfast.scripted.ScriptedLink.Received;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A broker that answers every method, and settles each publish as its body says: "nack..." by basic.nack, "return..."
 * by basic.return and basic.ack, "cut..." by a reset of the connection at its first arrival, and any other by
 * basic.ack. Only the first word of a body counts, and identifies it. The k-th publish of a channel has delivery tag k.
 * Each connection has a thread.
 */
final class ServingBroker implements AutoCloseable {
    /** A queue from which basic.get closes the channel. */
    static final String MISSING = "missing";

    private final ServerSocket listener;
    private final List<ScriptedLink> links = new CopyOnWriteArrayList<>();
    private final Set<String> acked = ConcurrentHashMap.newKeySet();
    private final Set<String> nacked = ConcurrentHashMap.newKeySet();
    private final Set<String> received = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger openConnections = new AtomicInteger();
    private final Set<String> consumers = ConcurrentHashMap.newKeySet();
    private volatile int deliveries;

    private ServingBroker(ServerSocket listener) {
        this.listener = listener;
    }

    static ServingBroker start() throws IOException {
        ServingBroker broker = new ServingBroker(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        daemon(broker::accept);
        return broker;
    }

    /** Options for a client of this broker: quick reconnects, short deadlines. */
    ConnectionOptions options() {
        return ConnectionOptions.parse("amqp://guest:guest@127.0.0.1:" + listener.getLocalPort() + "/")
                .reconnectBackoff(Duration.ofMillis(1), Duration.ofMillis(5))
                .rpcTimeout(Duration.ofSeconds(2))
                .closeTimeout(Duration.ofSeconds(2))
                .heartbeat(Duration.ZERO);
    }

    /** Sets how many messages each consumer that is started from now on receives. */
    void deliveries(int count) {
        deliveries = count;
    }

    /** Bodies for which a basic.ack was sent. */
    Set<String> acked() {
        return acked;
    }

    /** Bodies for which a basic.nack was sent. */
    Set<String> nacked() {
        return nacked;
    }

    /** Bodies that were received. */
    Set<String> received() {
        return received;
    }

    /** The tags of the consumers that were started on the newest connection. */
    Set<String> consumers() {
        return consumers;
    }

    /** How many connections were accepted. */
    int connections() {
        return connections.get();
    }

    /** How many connections are open. */
    int openConnections() {
        return openConnections.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                ScriptedLink link = new ScriptedLink(socket);
                links.add(link);
                connections.incrementAndGet();
                consumers.clear();
                openConnections.incrementAndGet();
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
                Method method = frame.method();
                if (method instanceof BasicMethods.Publish publish) {
                    open = settle(link.contentOf(new Received<>(link, frame.channel(), publish)), link, tags);
                } else {
                    open = answer(link, frame.channel(), method, tags);
                }
            }
        } catch (UncheckedIOException | AssertionError e) {
            // The connection was cut.
        } finally {
            link.cut();
            openConnections.decrementAndGet();
        }
    }

    private boolean settle(Published message, ScriptedLink link, Map<Integer, Long> tags) {
        long tag = tags.merge(message.channel(), 1L, Long::sum);
        String body = message.text().split(" ", 2)[0];
        boolean first = received.add(body);
        if (body.startsWith("cut") && first) {
            return false;
        }
        if (body.startsWith("nack")) {
            nacked.add(body);
            link.nack(message.channel(), tag);
            return true;
        }
        if (body.startsWith("return")) {
            link.returnUnroutable(message);
        }
        acked.add(body);
        link.ack(message.channel(), tag);
        return true;
    }

    private boolean answer(ScriptedLink link, int channel, Method method, Map<Integer, Long> tags) {
        if (method instanceof BasicMethods.Consume consume) {
            consumers.add(consume.consumerTag());
            link.send(channel, new BasicMethods.ConsumeOk(consume.consumerTag()));
            for (int i = 1; i <= deliveries; i++) {
                BasicMethods.Deliver deliver = new BasicMethods.Deliver(consume.consumerTag(), i, false, "", "q");
                link.sendContent(channel, deliver, MessageProperties.EMPTY, new byte[] {1});
            }
            return true;
        }
        if (method instanceof ConnectionMethods.Close) {
            link.send(channel, ConnectionMethods.CloseOk.INSTANCE);
            return false;
        }
        if (method instanceof ChannelMethods.Open) {
            tags.remove(channel);
        }
        Method reply = reply(method);
        if (reply != null) {
            link.send(channel, reply);
        }
        return true;
    }

    private static @Nullable Method reply(Method method) {
        if (method instanceof ChannelMethods.Open) {
            return ChannelMethods.OpenOk.INSTANCE;
        } else if (method instanceof ChannelMethods.Close) {
            return ChannelMethods.CloseOk.INSTANCE;
        } else if (method instanceof ConfirmMethods.Select) {
            return ConfirmMethods.SelectOk.INSTANCE;
        } else if (method instanceof TxMethods.Select) {
            return TxMethods.SelectOk.INSTANCE;
        } else if (method instanceof TxMethods.Commit) {
            return TxMethods.CommitOk.INSTANCE;
        } else if (method instanceof ExchangeMethods.Declare) {
            return ExchangeMethods.DeclareOk.INSTANCE;
        } else if (method instanceof QueueMethods.Declare declare) {
            return new QueueMethods.DeclareOk(declare.queue(), 0, 0);
        } else if (method instanceof QueueMethods.Bind) {
            return QueueMethods.BindOk.INSTANCE;
        } else if (method instanceof BasicMethods.Qos) {
            return BasicMethods.QosOk.INSTANCE;
        } else if (method instanceof BasicMethods.Get get && get.queue().equals(MISSING)) {
            return new ChannelMethods.Close(ReplyCode.NOT_FOUND.code(), "NOT_FOUND - no queue", 60, 70);
        } else if (method instanceof BasicMethods.Get) {
            return BasicMethods.GetEmpty.INSTANCE;
        } else if (method instanceof BasicMethods.Cancel cancel) {
            return new BasicMethods.CancelOk(cancel.consumerTag());
        }
        return null; // acks
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "serving-broker");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        links.forEach(ScriptedLink::cut);
    }
}
