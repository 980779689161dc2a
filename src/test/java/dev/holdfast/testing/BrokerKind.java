package dev.holdfast.testing;

import dev.holdfast.Connection;
import dev.holdfast.testkit.EmbeddedBroker;
import dev.holdfast.testkit.RabbitNode;
import dev.holdfast.testkit.RabbitVersion;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.rabbitmq.RabbitMQContainer;
import org.testcontainers.utility.DockerImageName;

/** The kinds of brokers that tests run against. Each starts at its first use and is shared by the whole run. */
enum BrokerKind {
    /** Runs embedded in this JVM; always available. */
    BROKER_J(
            "Broker-J",
            EnumSet.complementOf(
                    EnumSet.of(Feature.MESSAGE_SIZE_LIMIT, Feature.SMALL_FRAMES, Feature.UNKNOWN_ARGUMENTS_REFUSED))) {
        @Override
        Optional<String> reasonMissing() {
            return Optional.empty();
        }

        @Override
        TestBroker start() {
            EmbeddedBroker embedded = EmbeddedBroker.start(
                    Map.of("qpid.max_message_size", "" + TestBroker.MAX_MESSAGE_SIZE, "qpid.broker_msg_auth", "true"));
            Runtime.getRuntime().addShutdownHook(new Thread(embedded::close, "close " + embedded));
            return broker(embedded.uri(), "embedded");
        }
    },

    /** A node that the tests start, else a container. */
    RABBITMQ_3(
            RabbitVersion.V3,
            "rabbitmq:3.13",
            EnumSet.of(
                    Feature.DEFAULT_DELIVERY_LIMIT,
                    Feature.UNKNOWN_ARGUMENTS_REFUSED,
                    Feature.UNKNOWN_EXCHANGE_TYPE_REFUSED_SOFTLY)),

    /** A node that the tests start, else a container. */
    RABBITMQ_4(
            RabbitVersion.V4,
            "rabbitmq:4.3",
            EnumSet.of(Feature.NACK_COUNTS_AS_DELIVERY, Feature.SMALL_FRAMES, Feature.UNKNOWN_ARGUMENTS_REFUSED)),

    /** The RabbitMQ that {@value #URI} names. It replaces the others; its features are those of its version. */
    EXTERNAL("RabbitMQ", Set.of()) {
        @Override
        Optional<String> reasonMissing() {
            return Optional.empty();
        }

        @Override
        TestBroker start() {
            String uri = System.getenv(URI);
            boolean oldVersion = versionOf(uri).startsWith("3.");
            Set<Feature> lacking = EnumSet.copyOf((oldVersion ? RABBITMQ_3 : RABBITMQ_4).lacking);
            if (oldVersion) {
                lacking.add(Feature.MESSAGE_SIZE_LIMIT); // not set, and 128 MiB by default
            }
            return new TestBroker(name(uri, URI), uri, lacking);
        }
    };

    static final String URI = "HOLDFAST_TEST_URI";

    private static final Map<BrokerKind, TestBroker> RUNNING = new EnumMap<>(BrokerKind.class);

    /** What this kind lacks. */
    @SuppressWarnings("ImmutableEnumChecker") // never changed
    final Set<Feature> lacking;

    private final String kind;
    private final @Nullable RabbitVersion version;
    private final String image;

    BrokerKind(String kind, Set<Feature> lacking) {
        this(kind, null, "", lacking);
    }

    BrokerKind(RabbitVersion version, String image, Set<Feature> lacking) {
        this(version.toString(), version, image, lacking);
    }

    BrokerKind(String kind, @Nullable RabbitVersion version, String image, Set<Feature> lacking) {
        this.kind = kind;
        this.version = version;
        this.image = image;
        this.lacking = lacking;
    }

    /** The brokers of this run. */
    static List<BrokerKind> ofThisRun() {
        return System.getenv(URI) == null || containerForced()
                ? List.of(BROKER_J, RABBITMQ_3, RABBITMQ_4)
                : List.of(BROKER_J, EXTERNAL);
    }

    /** Why this broker is not available; empty if it is. */
    Optional<String> reasonMissing() {
        return installed()
                        || containerForced()
                        || DockerClientFactory.instance().isDockerAvailable()
                ? Optional.empty()
                : Optional.of(version.reasonMissing() + " and Docker does not run");
    }

    TestBroker start() {
        if (installed() && !containerForced()) {
            // The node ends with this JVM.
            RabbitNode node = RabbitNode.start(version, "max_message_size = " + TestBroker.MAX_MESSAGE_SIZE);
            return broker(node.uri(), TestNodes.STARTED_BY_TESTS);
        }
        return broker(container(), "container " + image);
    }

    private boolean installed() {
        return version.installed();
    }

    TestBroker broker(String uri, String source) {
        return new TestBroker(name(uri, source), uri, lacking);
    }

    String name(String uri, String source) {
        String product = this == BROKER_J ? "Broker-J" : "RabbitMQ";
        return product + " " + versionOf(uri) + " (" + source + ")";
    }

    private static String versionOf(String uri) {
        try (Connection connection = Connection.open(uri)) {
            return String.valueOf(connection.info().serverVersion());
        }
    }

    TestBroker broker() {
        synchronized (RUNNING) {
            return RUNNING.computeIfAbsent(this, BrokerKind::start);
        }
    }

    private static boolean containerForced() {
        return "container".equals(System.getProperty("holdfast.test.broker"));
    }

    @SuppressWarnings("resource") // Testcontainers removes it at the end of the JVM
    private String container() {
        RabbitMQContainer container = new RabbitMQContainer(DockerImageName.parse(image))
                .withEnv(
                        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                        "-rabbit max_message_size " + TestBroker.MAX_MESSAGE_SIZE);
        container.start();
        return container.getAmqpUrl() + "/";
    }

    @Override
    public String toString() {
        return kind;
    }
}
