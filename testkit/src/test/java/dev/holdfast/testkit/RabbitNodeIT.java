package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource
class RabbitNodeIT {
    private static RabbitNode shared;

    @Parameter
    RabbitVersion version;

    @BeforeParameterizedClassInvocation
    static void start(RabbitVersion version) {
        assumeTrue(Brokers.require(version));
        shared = RabbitNode.start(version, "max_message_size = 1000000");
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        if (shared != null) {
            shared.close();
            shared = null;
        }
    }

    private static Connection connect(RabbitNode node) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(node.uri());
        factory.setVirtualHost("/");
        factory.setAutomaticRecoveryEnabled(false);
        return factory.newConnection();
    }

    private static void publish(Channel channel, String queue, String text) throws Exception {
        channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, text.getBytes(UTF_8));
        channel.waitForConfirmsOrDie(20_000);
    }

    @Test
    void publishedMessageIsConfirmedAndCanBeFetched() throws Exception {
        try (Connection connection = connect(shared)) {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            String queue = channel.queueDeclare().getQueue();

            publish(channel, queue, "hello");

            assertThat(channel.basicGet(queue, true).getBody()).asString().isEqualTo("hello");
        }
    }

    @Test
    void givenConfigurationIsApplied() throws Exception {
        try (Connection connection = connect(shared)) {
            Channel channel = connection.createChannel();
            BlockingQueue<String> closeReasons = new LinkedBlockingQueue<>();
            channel.addShutdownListener(cause -> closeReasons.add(cause.getMessage()));

            channel.basicPublish("", "any", null, new byte[1_000_001]);

            assertThat(closeReasons.poll(20, TimeUnit.SECONDS)).contains("reply-code=406");
        }
    }

    @Test
    void ctlReturnsTheOutputAndReportsFailure() {
        assertThat(shared.ctl("list_users")).contains("guest");
        assertThat(shared.ctl("version")).startsWith(version.number());
        assertThatIllegalStateException()
                .isThrownBy(() -> shared.ctl("no_such_command"))
                .withMessageContaining("no_such_command");
    }

    @Test
    void durableMessagesSurviveKillAndBoot() throws Exception {
        RabbitNode node = shared;
        Connection connection = connect(node);
        Channel channel = connection.createChannel();
        channel.confirmSelect();
        channel.queueDeclare("durable", true, false, false, null);
        publish(channel, "durable", "survivor");
        node.syncMetadata();
        long pid = node.pid();
        int port = node.port();

        node.kill();

        assertThat(node.isRunning()).isFalse();
        assertThat(ProcessHandle.of(pid)).isEmpty();
        assertThatIOException().isThrownBy(() -> connect(node));
        assertThatIllegalStateException().isThrownBy(node::pid);
        node.kill();

        node.boot();
        node.boot();

        assertThat(node.ctl("list_users")).as("right after the boot").contains("guest");
        assertThat(node.pid()).isNotEqualTo(pid);
        assertThat(node.port()).isEqualTo(port);
        try (Connection rebooted = connect(node)) {
            assertThat(rebooted.createChannel().basicGet("durable", true).getBody())
                    .asString()
                    .isEqualTo("survivor");
        }
    }

    @Test
    void startFailureShowsTheLog() {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> RabbitNode.start(version, "no.such.setting = 1"))
                .withMessageContaining("ended while it started")
                .withMessageContaining("no.such.setting");
    }

    @Test
    void clusterNodesShareTheirQueuesAndLeaveNothingBehind() throws Exception {
        RabbitCluster cluster = RabbitCluster.start(version, 3);
        List<Long> pids;
        try (cluster;
                Connection first = connect(cluster.node(0));
                Connection last = connect(cluster.node(2))) {
            assertThat(cluster.uris()).hasSize(3).doesNotHaveDuplicates();
            Channel channel = first.createChannel();
            channel.confirmSelect();
            channel.queueDeclare("shared", true, false, false, null);
            publish(channel, "shared", "replicated");

            assertThat(last.createChannel().basicGet("shared", true).getBody())
                    .asString()
                    .isEqualTo("replicated");

            cluster.node(1).restart();
            try (Connection restarted = connect(cluster.node(1))) {
                assertThat(restarted
                                .createChannel()
                                .queueDeclarePassive("shared")
                                .getQueue())
                        .isEqualTo("shared");
            }
            assertThat(cluster.nodes())
                    .allSatisfy(node -> assertThat(node.directory()).isDirectory());
            pids = cluster.nodes().stream().map(RabbitNode::pid).toList();
        }
        cluster.close();

        assertThat(pids).allSatisfy(pid -> assertThat(ProcessHandle.of(pid)).isEmpty());
        assertThat(cluster.nodes()).allSatisfy(node -> {
            assertThat(node.directory()).doesNotExist();
            assertThatIllegalStateException().isThrownBy(node::boot).withMessageContaining("is closed");
        });
    }
}
