package dev.holdfast;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks definitions before they are declared: rules on combinations of properties, which withers cannot check because
 * they may be called in any order.
 */
final class DeclareValidator {
    /** Arguments that RabbitMQ refuses on a quorum queue, with any value. */
    private static final Set<String> NOT_QUORUM =
            Set.of("x-max-priority", "x-queue-mode", "x-max-age", "x-stream-max-segment-size-bytes");

    /** Arguments that RabbitMQ refuses on a stream, with any value. */
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

    /** Returns a copy of the list after checking each definition. */
    static List<Declarable> checkAll(List<? extends Declarable> entities) {
        List<Declarable> copy = List.copyOf(entities);
        copy.forEach(DeclareValidator::check);
        return copy;
    }

    /** Refuses a binding without a destination, and combinations of typed methods that RabbitMQ always refuses. */
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
            throw Arguments.invalid("declare", queue, "a name for a passive declaration");
        }
        Object type = queue.typedArgument("x-queue-type");
        if ("quorum".equals(type)) {
            check(queue, "a quorum queue", queue.exclusive(), NOT_QUORUM);
        } else if ("stream".equals(type)) {
            check(queue, "a stream", queue.exclusive() || queue.autoDelete(), NOT_STREAM);
        }
    }

    private static void check(Queue queue, String type, boolean shortLived, Set<String> unsupportedArguments) {
        List<String> expected = new ArrayList<>();
        if (!queue.durable() || shortLived) {
            expected.add("durable, not exclusive" + (type.endsWith("stream") ? ", not autoDelete" : ""));
        }
        unsupportedArguments.stream()
                .filter(name -> queue.typedArgument(name) != null)
                .sorted()
                .forEach(name -> expected.add("no " + name));
        if (!expected.isEmpty()) {
            throw Arguments.invalid("declare", queue, "for " + type + ": " + String.join(", ", expected));
        }
    }

    /**
     * Returns the entities whose declaration sends a method, followed by the producer's exchange, unless the list
     * contains it.
     */
    static List<Declarable> toSend(List<Declarable> entities, @Nullable Exchange ofProducer) {
        List<Declarable> sent = new ArrayList<>(entities);
        if (ofProducer != null && !sent.contains(ofProducer)) {
            sent.add(ofProducer);
        }
        sent.removeIf(DeclareValidator::sendsNothing);
        return List.copyOf(sent);
    }

    private static boolean sendsNothing(Declarable entity) {
        return (entity instanceof Exchange exchange && (exchange.noDeclare() || exchange.predeclared()))
                || (entity instanceof Queue queue && queue.noDeclare());
    }
}
