package dev.holdfast.testing;

import dev.holdfast.testkit.EmbeddedBroker;
import dev.holdfast.testkit.RabbitNode;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.RabbitMQContainer;
import org.testcontainers.utility.DockerImageName;

/** The brokers that tests run against, each started at its first use and shared by the whole run. */
enum BrokerKind {
    /** Embedded: it is always there. */
    BROKER_J("Broker-J") {
        @Override
        Optional<String> missing() {
            return Optional.empty();
        }

        @Override
        TestBroker start() {
            EmbeddedBroker embedded = EmbeddedBroker.start();
            Runtime.getRuntime().addShutdownHook(new Thread(embedded::close, "close " + embedded));
            return new TestBroker(this + " (embedded)", embedded.uri(), EnumSet.allOf(Feature.class));
        }
    },

    /** The one that {@value #URI} names, else a node of our own, else a container. */
    RABBITMQ("RabbitMQ") {
        @Override
        Optional<String> missing() {
            if (System.getenv(URI) != null || containerForced() || RabbitNode.available() || dockerRuns()) {
                return Optional.empty();
            }
            String reason = "rabbitmq-server is not installed, " + URI + " is not set and Docker does not run";
            if ("true".equalsIgnoreCase(System.getenv("CI"))) {
                throw new IllegalStateException(reason + ", and with CI=true no test may be skipped");
            }
            return Optional.of(reason);
        }

        @Override
        TestBroker start() {
            String given = System.getenv(URI);
            if (given != null && !containerForced()) {
                return new TestBroker(this + " (" + URI + ")", given, Set.of());
            }
            if (containerForced() || !RabbitNode.available()) {
                return new TestBroker(this + " (container " + IMAGE + ")", container(), Set.of());
            }
            // It dies with this JVM by itself.
            return new TestBroker(
                    this + " (a node of our own)", RabbitNode.start().uri(), Set.of());
        }
    };

    private static final String URI = "HOLDFAST_TEST_URI";
    private static final String IMAGE = "rabbitmq:3.13";

    private static final Map<BrokerKind, TestBroker> RUNNING = new EnumMap<>(BrokerKind.class);

    private final String kind;

    BrokerKind(String kind) {
        this.kind = kind;
    }

    /** Why this broker cannot be had; empty if it can. */
    abstract Optional<String> missing();

    abstract TestBroker start();

    TestBroker broker() {
        synchronized (RUNNING) {
            return RUNNING.computeIfAbsent(this, BrokerKind::start);
        }
    }

    private static boolean containerForced() {
        return "container".equals(System.getProperty("holdfast.test.broker"));
    }

    private static boolean dockerRuns() {
        return DockerClientFactory.instance().isDockerAvailable();
    }

    @SuppressWarnings("resource") // Testcontainers takes it away at the end of the JVM
    private static String container() {
        RabbitMQContainer container = new RabbitMQContainer(DockerImageName.parse(IMAGE));
        container.start();
        return container.getAmqpUrl() + "/";
    }

    @Override
    public String toString() {
        return kind;
    }
}
