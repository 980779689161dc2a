package dev.holdfast.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.testkit.Brokers;
import dev.holdfast.testkit.EmbeddedBroker;
import dev.holdfast.testkit.RabbitNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The brokers for tests of refused publishes: each refuses messages over {@link #MAX_MESSAGE_SIZE} and a user-id
 * that is not the user's. A broker starts at its first use; the test class calls {@link #stopAll} at its end.
 */
public enum SizeLimitedBroker {
    BROKER_J {
        @Override
        public int port() {
            if (embedded == null) {
                embedded = EmbeddedBroker.start(
                        Map.of("qpid.max_message_size", "" + MAX_MESSAGE_SIZE, "qpid.broker_msg_auth", "true"));
            }
            return embedded.port();
        }
    },
    RABBITMQ {
        @Override
        public int port() {
            assumeTrue(Brokers.requireRabbit());
            if (rabbit == null) {
                rabbit = RabbitNode.start("max_message_size = " + MAX_MESSAGE_SIZE);
            }
            return rabbit.port();
        }
    };

    /** The largest body that these brokers accept, in bytes. */
    public static final int MAX_MESSAGE_SIZE = 100_000;

    private static @Nullable EmbeddedBroker embedded;
    private static @Nullable RabbitNode rabbit;

    /** The port on 127.0.0.1. */
    public abstract int port();

    /** The options to connect with. */
    public ConnectionOptions options() {
        return at(port());
    }

    /** The options to connect as guest to a port on 127.0.0.1. */
    public static ConnectionOptions at(int port) {
        return ConnectionOptions.parse("amqp://guest:guest@127.0.0.1:" + port + "/");
    }

    /** Stops the brokers that were started. */
    public static void stopAll() {
        if (embedded != null) {
            embedded.close();
            embedded = null;
        }
        if (rabbit != null) {
            rabbit.close();
            rabbit = null;
        }
    }
}
