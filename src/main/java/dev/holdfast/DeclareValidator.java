package dev.holdfast;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is wrong with a definition that no wither could see, as the order of withers does not count. */
final class DeclareValidator {
    /** RabbitMQ refuses these on a quorum queue, whatever their value. */
    private static final Set<String> NOT_QUORUM =
            Set.of("x-max-priority", "x-queue-mode", "x-max-age", "x-stream-max-segment-size-bytes");

    /** RabbitMQ refuses these on a stream, whatever their value. */
    private static final Set<String> NOT_STREAM = Set.of(
            "x-max-priority",
            "x-queue-mode",
            "x-expires",
            "x-message-ttl",
            "x-max-length",
            "x-overflow",
            "x-dead-letter-exchange",
            "x-dead-letter-routing-key",
            "x-dead-letter-strategy",
            "x-single-active-consumer",
            "x-delivery-limit");

    private DeclareValidator() {}

    /** Copies definitions and refuses those that cannot be declared. */
    static List<Declarable> checked(List<? extends Declarable> entities) {
        List<Declarable> copy = List.copyOf(entities);
        copy.forEach(DeclareValidator::check);
        return copy;
    }

    /** Refuses a binding to nowhere, and what RabbitMQ always refuses of the typed methods' combinations. */
    static <T extends Declarable> T check(T entity) {
        if (entity instanceof Binding binding && binding.destination().isEmpty()) {
            throw Arguments.invalid("declare", binding, "a binding with toQueue or toExchange");
        }
        if (entity instanceof Queue queue && !queue.noDeclare()) {
            check(queue);
        }
        return entity;
    }

    private static void check(Queue queue) {
        if (queue.passive() && queue.name().isEmpty()) {
            throw Arguments.invalid("declare", queue, "a name, to ask for it passively");
        }
        Object type = queue.typedArgument("x-queue-type");
        if ("quorum".equals(type)) {
            refuse(queue, "a quorum queue", queue.exclusive(), NOT_QUORUM);
        } else if ("stream".equals(type)) {
            refuse(queue, "a stream", queue.exclusive() || queue.autoDelete(), NOT_STREAM);
        }
    }

    private static void refuse(Queue queue, String what, boolean shortLived, Set<String> arguments) {
        List<String> expected = new ArrayList<>();
        if (!queue.durable() || shortLived) {
            expected.add("durable, not exclusive" + (what.endsWith("stream") ? ", not autoDelete" : ""));
        }
        arguments.stream()
                .filter(name -> queue.typedArgument(name) != null)
                .sorted()
                .forEach(name -> expected.add("no " + name));
        if (!expected.isEmpty()) {
            throw Arguments.invalid("declare", queue, "for " + what + ": " + String.join(", ", expected));
        }
    }

    /** What is sent for a list: not what is never declared, and the producer's exchange last unless it is in it. */
    static List<Declarable> toSend(List<Declarable> entities, @Nullable Exchange last) {
        List<Declarable> all = new ArrayList<>(entities);
        if (last != null && !all.contains(last)) {
            all.add(last);
        }
        all.removeIf(DeclareValidator::sendsNothing);
        return List.copyOf(all);
    }

    /** Whether declaring it sends nothing. */
    private static boolean sendsNothing(Declarable entity) {
        return (entity instanceof Exchange exchange && (exchange.noDeclare() || exchange.predeclared()))
                || (entity instanceof Queue queue && queue.noDeclare());
    }
}
