package dev.holdfast.cli.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Connection;
import dev.holdfast.ContentDisallowedException;
import dev.holdfast.Queue;
import dev.holdfast.cli.common.FailureLog;
import dev.holdfast.cli.common.Streams;
import dev.holdfast.testkit.EmbeddedBroker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import picocli.CommandLine;

/** What ends the run of {@code consume --exec}, and what it counts. */
@DisabledOnOs(OS.WINDOWS)
class CommandConsumerIT {
    private EmbeddedBroker broker;
    private Connection connection;

    @BeforeEach
    void start() {
        broker = EmbeddedBroker.start();
        connection = Connection.open(broker.uri());
        connection.channel().declare(Queue.of("q"));
        connection.producer().publish("x", p -> p.routingKey("q"));
    }

    @AfterEach
    void stop() {
        connection.close();
        broker.close();
    }

    private CommandConsumer consumer(MessageFormatter formatter) throws Exception {
        ExecOptions options = new ExecOptions();
        CommandLine.ParseResult unused = new CommandLine(options).parseArgs("--exec", "true");
        return new CommandConsumer(connection, options, formatter, new FailureLog(Streams.system(), null));
    }

    @Test
    void errorEndsTheRunAndReturnsTheMessage() throws Exception {
        CommandConsumer consumer = consumer(delivery -> {
            throw new StackOverflowError();
        });
        consumer.run("q", Long.MAX_VALUE, null);
        assertThat(consumer.endError()).endsWith("internal error: java.lang.StackOverflowError");
        assertThat(consumer.failed()).isZero();
        assertThat(connection.channel().inspect("q").messageCount()).isEqualTo(1);
    }

    @Test
    void acknowledgementThatIsNotSentIsNotCounted() throws Exception {
        CommandConsumer consumer = consumer(delivery -> {
            connection.close();
            return new byte[0];
        });
        consumer.run("q", 1, null);
        assertThat(consumer.acknowledged()).isZero();
        assertThat(consumer.endError()).isNull();
    }

    @Test
    void cancelReasonIsThatOfTheConsumer() {
        DeliveryQueue deliveries = new DeliveryQueue();
        deliveries.cancelled("tag", new ContentDisallowedException("PRECONDITION_FAILED", null));
        assertThat(deliveries.cancelReason()).isEqualTo("the consumer has ended: PRECONDITION_FAILED");
        deliveries.cancelled("tag", null);
        assertThat(deliveries.cancelReason()).contains("the queue is deleted, or moved");
    }
}
