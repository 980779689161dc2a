package dev.holdfast.jmh.load;

import com.rabbitmq.client.ConnectionFactory;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.EventLoops;
import dev.holdfast.Transport;
import dev.holdfast.jmh.adapter.ClientType;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The main class of a forked JVM: opens connections that stay idle, each with a channel that has confirms selected, and
 * prints what they cost beyond the first one.
 */
public final class IdleMain {
    private IdleMain() {}

    /** Opens a connection with a channel, and returns what keeps it reachable. */
    private interface Opener {
        Object open() throws Exception;
    }

    /**
     * Prints the number of threads and, for each connection, the bytes of heap, direct memory and resident memory.
     *
     * @param arguments the URI, the client, the number of connections
     */
    public static void main(String[] arguments) throws Exception {
        Opener opener = opener(arguments[0], ClientType.valueOf(arguments[1]));
        int count = Integer.parseInt(arguments[2]);
        List<Object> open = new ArrayList<>(List.of(opener.open()));
        long heap = usedHeap();
        long direct = usedDirect();
        long resident = resident();
        while (open.size() <= count) {
            open.add(opener.open());
        }
        heap = usedHeap() - heap;
        direct = usedDirect() - direct;
        resident = resident() - resident;
        int threads = Thread.activeCount();
        System.out.println(threads + " " + heap / count + " " + direct / count + " " + resident / count);
        System.out.flush();
        Runtime.getRuntime().halt(open.size() > count ? 0 : 1); // without closing a thousand connections
    }

    private static Opener opener(String uri, ClientType client) throws Exception {
        return switch (client) {
            case HOLDFAST_NIO -> holdfast(uri, Transport.NIO);
            case HOLDFAST_EPOLL -> holdfast(uri, Transport.EPOLL);
            case AMQP_CLIENT_SOCKET -> amqpClient(uri, false);
            case AMQP_CLIENT_NETTY -> amqpClient(uri, true);
            default -> throw new IllegalArgumentException("client: " + client + " (expected: Holdfast or amqp-client)");
        };
    }

    private static Opener holdfast(String uri, Transport transport) {
        EventLoops loops = EventLoops.shared(Runtime.getRuntime().availableProcessors(), transport);
        ConnectionOptions options = ConnectionOptions.parse(uri).eventLoops(loops);
        return () -> {
            Connection connection = Connection.open(options);
            return List.of(connection, connection.producer());
        };
    }

    /** In Netty mode all connections share a group of one thread for each core, as those of Holdfast do. */
    private static Opener amqpClient(String uri, boolean netty) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(uri);
        if (netty) {
            EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                    Runtime.getRuntime().availableProcessors(), NioIoHandler.newFactory());
            factory.netty().eventLoopGroup(group);
        }
        return () -> {
            com.rabbitmq.client.Connection connection = factory.newConnection();
            com.rabbitmq.client.Channel channel = connection.createChannel();
            channel.confirmSelect();
            return List.of(connection, channel);
        };
    }

    private static long usedHeap() {
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long usedDirect() {
        long bytes = 0;
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            bytes += pool.getMemoryUsed();
        }
        return bytes;
    }

    private static long resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IOException("/proc/self/status: no VmRSS (expected: Linux)");
    }
}
