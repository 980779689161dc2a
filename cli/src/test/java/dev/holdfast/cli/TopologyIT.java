package dev.holdfast.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.EmbeddedBroker;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The commands declare, inspect, purge and delete. */
class TopologyIT {
    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static Shell.Result run(String command) {
        return Shell.run("1\n2\n3\n".getBytes(UTF_8), (command + " --uri " + broker.uri()).split(" "));
    }

    private static void succeeds(String command, String err) {
        Shell.Result result = run(command);
        assertThat(result.err()).isEqualTo(err + "\n");
        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).isEmpty();
    }

    private static void fails(String command, String err) {
        Shell.Result result = run(command);
        assertThat(result.err()).startsWith("holdfast: ").contains(err).hasLineCount(1);
        assertThat(result.exitCode()).isEqualTo(1);
    }

    private static void publishThree(String arguments) {
        assertThat(run("publish " + arguments).err()).contains("3 confirmed");
    }

    private static String inspect(String arguments) {
        Shell.Result result = run("inspect " + arguments);
        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isZero();
        return result.text();
    }

    @Test
    void declaredQueueIsInspectedPurgedAndDeleted() {
        succeeds("declare --queue q --argument x-qpid-description=text", "declared queue 'q'");
        succeeds("declare --queue q --argument x-qpid-description=text", "declared queue 'q'");
        publishThree("--routing-key q");
        assertThat(inspect("--queue q")).isEqualTo("q: 3 messages, 0 consumers\n");
        assertThat(inspect("--queue q --json")).isEqualTo("{\"queue\":\"q\",\"messages\":3,\"consumers\":0}\n");
        fails("delete --queue q --if-empty", "'q'");
        succeeds("purge --queue q", "purged queue 'q': 3 messages removed");
        succeeds("delete --queue q --if-empty --if-unused", "deleted queue 'q', with 0 messages");
        fails("purge --queue q", "'q'");
    }

    @Test
    void missingQueueIsReportedAndTheNextIsInspected() {
        succeeds("declare --queue there --durable false", "declared queue 'there'");
        Shell.Result result = run("inspect --queue missing --queue there");
        assertThat(result.err()).startsWith("holdfast: queue 'missing': ").hasLineCount(1);
        assertThat(result.text()).isEqualTo("there: 0 messages, 0 consumers\n");
        assertThat(result.exitCode()).isEqualTo(1);
    }

    @Test
    void bindingIsDeclaredAndDeleted() {
        succeeds("declare --exchange media --exchange-type topic", "declared exchange 'media'");
        succeeds(
                "declare --queue video --exchange media --routing-key video.#",
                "declared queue 'video', bound to exchange 'media'");
        publishThree("--exchange media --routing-key video.new");
        assertThat(inspect("--queue video")).startsWith("video: 3 messages,");
        fails("delete --exchange media --if-unused", "closed by broker: 406 ");
        succeeds(
                "delete --binding --queue video --exchange media --routing-key video.#",
                "deleted the binding of queue 'video' to exchange 'media' with routing key 'video.#'");
        publishThree("--exchange media --routing-key video.new");
        assertThat(inspect("--queue video")).startsWith("video: 3 messages,");
        succeeds("delete --exchange media --if-unused", "deleted exchange 'media'");
        succeeds("delete --queue video", "deleted queue 'video', with 3 messages");
    }

    /** Broker-J compares the types of exchanges; it compares no properties of queues. */
    @Test
    void differentPropertiesFail() {
        succeeds("declare --exchange same", "declared exchange 'same'");
        fails("declare --exchange same --exchange-type fanout", "closed by broker: ");
    }
}
