package dev.holdfast.internal.topology;

import dev.holdfast.Binding;
import dev.holdfast.Declarable;
import dev.holdfast.Exchange;
import dev.holdfast.Queue;
import dev.holdfast.internal.protocol.ExchangeMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.QueueMethods;

/** Creates the methods that declare, bind and unbind entities. */
final class DeclareMethods {
    private DeclareMethods() {}

    static Method of(Exchange exchange) {
        return new ExchangeMethods.Declare(
                exchange.name(),
                exchange.type(),
                exchange.passive(),
                exchange.durable(),
                exchange.autoDelete(),
                exchange.internal(),
                false,
                exchange.arguments());
    }

    /** The queue alone, without its bindings. */
    static Method of(Queue queue) {
        return new QueueMethods.Declare(
                queue.name(),
                queue.passive(),
                queue.durable(),
                queue.exclusive(),
                queue.autoDelete(),
                false,
                queue.arguments());
    }

    /** @param destination the current name of the destination */
    static Method bind(Binding binding, String destination) {
        String source = binding.source().name();
        return isToQueue(binding)
                ? new QueueMethods.Bind(destination, source, binding.routingKey(), false, binding.arguments())
                : new ExchangeMethods.Bind(
                        binding.destination(), source, binding.routingKey(), false, binding.arguments());
    }

    /** @param destination the current name of the destination */
    static Method unbind(Binding binding, String destination) {
        String source = binding.source().name();
        return isToQueue(binding)
                ? new QueueMethods.Unbind(destination, source, binding.routingKey(), binding.unbindArguments())
                : new ExchangeMethods.Unbind(
                        binding.destination(), source, binding.routingKey(), false, binding.unbindArguments());
    }

    static boolean isToQueue(Binding binding) {
        return binding.destinationType() == Binding.Destination.QUEUE;
    }

    /** Whether these define the same name differently, so that the broker takes only one of them at a time. */
    static boolean contradicts(Declarable one, Declarable other) {
        if (one instanceof Queue queue && other instanceof Queue second) {
            return queue.name().equals(second.name()) && !of(queue).equals(of(second));
        }
        return one instanceof Exchange exchange
                && other instanceof Exchange second
                && exchange.name().equals(second.name())
                && !of(exchange).equals(of(second));
    }

    /** Whether a declaration of the entity sends this method. */
    static boolean isPartOf(Declarable entity, Method method) {
        if (entity instanceof Exchange exchange) {
            return of(exchange).equals(method);
        }
        if (entity instanceof Binding alone) {
            return bind(alone, alone.destination()).equals(method);
        }
        Queue queue = (Queue) entity;
        return of(queue).equals(method)
                || queue.bindings().stream()
                        .anyMatch(
                                binding -> bind(binding, binding.destination()).equals(method));
    }
}
