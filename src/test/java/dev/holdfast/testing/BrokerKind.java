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

/** The kinds of brokers that tests run against. Each starts at its first use and is shared by the whole run. */
enum BrokerKind {
    /** Runs embedded in this JVM; always available. */
    BROKER_J("Broker-J") {
        @Override
        Optional<String> reasonMissing() {
            return Optional.empty();
        }

        @Override
        TestBroker start() {
            EmbeddedBroker embedded = EmbeddedBroker.start();
            Runtime.getRuntime().addShutdownHook(new Thread(embedded::close, "close " + embedded));
            return new TestBroker(this + " (embedded)", embedded.uri(), EnumSet.allOf(Feature.class));
        }
    },

    /** The broker that {@value #URI} names, else a node that the tests start, else a container. */
    RABBITMQ("RabbitMQ") {
        @Override
        Optional<String> reasonMissing() {
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
            String external = System.getenv(URI);
            if (external != null && !containerForced()) {
                return new TestBroker(this + " (" + URI + ")", external, Set.of());
            }
            if (containerForced() || !RabbitNode.available()) {
                return new TestBroker(this + " (container " + IMAGE + ")", container(), Set.of());
            }
            // The node ends with this JVM.
            return new TestBroker(
                    this + " (started by the tests)", RabbitNode.start().uri(), Set.of());
        }
    };

    private static final String URI = "HOLDFAST_TEST_URI";
    private static final String IMAGE = "rabbitmq:3.13";

    private static final Map<BrokerKind, TestBroker> RUNNING = new EnumMap<>(BrokerKind.class);

    private final String kind;

    BrokerKind(String kind) {
        this.kind = kind;
    }

    /** Why this broker is not available; empty if it is. */
    abstract Optional<String> reasonMissing();

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

    @SuppressWarnings("resource") // Testcontainers removes it at the end of the JVM
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
