package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import com.rabbitmq.client.ShutdownSignalException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedBrokerIT {
    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static ConnectionFactory factory(EmbeddedBroker target) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(target.uri());
        return factory;
    }

    @Test
    void publishedMessageIsConfirmedAndCanBeFetched() throws Exception {
        try (Connection connection = factory(broker).newConnection()) {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            String queue = channel.queueDeclare().getQueue();

            channel.basicPublish("", queue, null, "hello".getBytes(UTF_8));

            channel.waitForConfirmsOrDie(10_000);
            assertThat(channel.basicGet(queue, true).getBody()).asString().isEqualTo("hello");
        }
    }

    @Test
    void messageOfFiveMebibytesIsAccepted() throws Exception {
        byte[] body = new byte[5 << 20];
        new Random(7).nextBytes(body);
        try (Connection connection = factory(broker).newConnection()) {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            String queue = channel.queueDeclare().getQueue();

            channel.basicPublish("", queue, null, body);

            channel.waitForConfirmsOrDie(10_000);
            GetResponse response = channel.basicGet(queue, true);
            assertThat(response.getBody()).isEqualTo(body);
        }
    }

    @Test
    void unroutableMandatoryMessageIsReturned() throws Exception {
        try (Connection connection = factory(broker).newConnection()) {
            Channel channel = connection.createChannel();
            BlockingQueue<Integer> returns = new LinkedBlockingQueue<>();
            channel.addReturnListener(message -> returns.add(message.getReplyCode()));
            channel.confirmSelect();

            channel.basicPublish("amq.direct", "nowhere", true, null, new byte[10]);

            assertThat(returns.poll(10, TimeUnit.SECONDS)).isEqualTo(312);
        }
    }

    @Test
    void redeclaringAnExchangeWithAnotherTypeClosesTheConnection() throws Exception {
        Connection connection = factory(broker).newConnection();
        Channel channel = connection.createChannel();
        channel.exchangeDeclare("redeclared", "direct");

        assertThatIOException()
                .isThrownBy(() -> channel.exchangeDeclare("redeclared", "fanout"))
                .havingCause()
                .isInstanceOf(ShutdownSignalException.class)
                .withMessageContaining("reply-code=530");
        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void redeclaringAQueueWithAnotherLifetimeClosesTheChannel() throws Exception {
        try (Connection connection = factory(broker).newConnection()) {
            Channel channel = connection.createChannel();
            channel.queueDeclare("redeclared", true, false, false, null);

            assertThatIOException()
                    .isThrownBy(() -> channel.queueDeclare("redeclared", true, false, true, null))
                    .havingCause()
                    .isInstanceOf(ShutdownSignalException.class)
                    .withMessageContaining("reply-code=405");
            assertThat(connection.isOpen()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "", "default"})
    void virtualHostHasThreeNames(String name) throws Exception {
        ConnectionFactory factory = factory(broker);
        factory.setVirtualHost(name);
        try (Connection connection = factory.newConnection()) {
            assertThat(connection.isOpen()).isTrue();
        }
    }

    @Test
    void unknownVirtualHostIsRefused() throws Exception {
        ConnectionFactory factory = factory(broker);
        factory.setVirtualHost("unknown");
        assertThatIOException()
                .isThrownBy(factory::newConnection)
                .havingRootCause()
                .withMessageContaining("reply-code=404");
    }

    @Test
    void wrongPasswordIsRefused() throws Exception {
        ConnectionFactory factory = factory(broker);
        factory.setPassword("wrong");
        assertThatIOException()
                .isThrownBy(factory::newConnection)
                .isInstanceOf(PossibleAuthenticationFailureException.class)
                .havingRootCause()
                .withMessageContaining("reply-code=530, reply-text=Authentication failed");
    }

    @Test
    void twoBrokersShareNothing() throws Exception {
        try (EmbeddedBroker second = EmbeddedBroker.start();
                Connection firstConnection = factory(broker).newConnection();
                Connection secondConnection = factory(second).newConnection()) {
            firstConnection.createChannel().queueDeclare("first-only", false, false, false, Map.of());

            assertThat(second.port()).isNotEqualTo(broker.port());
            assertThatIOException()
                    .isThrownBy(() -> secondConnection.createChannel().queueDeclarePassive("first-only"));
        }
    }

    @Test
    void brokerListensOnTheGivenPortAndAcceptsTheGivenUser() throws Exception {
        int port;
        try (EmbeddedBroker first = EmbeddedBroker.start()) {
            port = first.port();
        }
        try (EmbeddedBroker second = EmbeddedBroker.start(port, "al \"ice\"", "p@ss/word");
                Connection connection = factory(second).newConnection()) {
            assertThat(second.port()).isEqualTo(port);
            assertThat(connection.isOpen()).isTrue();
        }
    }

    @Test
    void exceptionNamesTheTakenPort() {
        assertThatIllegalStateException()
                .isThrownBy(() -> EmbeddedBroker.start(broker.port()))
                .withMessageContaining(Integer.toString(broker.port()));
        assertThatIllegalArgumentException().isThrownBy(() -> EmbeddedBroker.start(70_000));
    }

    @Test
    void closeDropsConnectionsAndDeletesFiles() throws Exception {
        EmbeddedBroker second = EmbeddedBroker.start();
        Connection connection = factory(second).newConnection();
        Channel channel = connection.createChannel();
        assertThat(second.directory()).isDirectory();

        long started = System.nanoTime();
        second.close();
        second.close();

        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started)).isLessThan(5);
        assertThat(second.directory()).doesNotExist();
        assertThatIOException()
                .isThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), second.port()).close())
                .isInstanceOf(ConnectException.class);
        BlockingQueue<Boolean> shutdowns = new LinkedBlockingQueue<>();
        connection.addShutdownListener(cause -> shutdowns.add(true));
        assertThat(shutdowns.poll(10, TimeUnit.SECONDS)).isTrue();
        assertThatExceptionOfType(AlreadyClosedException.class)
                .isThrownBy(() -> channel.basicPublish("", "any", null, new byte[1]));
    }
}
