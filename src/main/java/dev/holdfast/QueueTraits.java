package dev.holdfast;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a {@link Queue} is besides its name and first binding. Maps and lists in it are already unmodifiable copies. */
record QueueTraits(
        boolean durable,
        boolean exclusive,
        @Nullable Boolean autoDelete,
        boolean passive,
        Map<String, Object> arguments,
        Map<String, Object> typedArguments,
        Map<String, Object> bindingArguments,
        List<Binding> furtherBindings) {

    static final QueueTraits DEFAULTS =
            new QueueTraits(true, false, null, false, Map.of(), Map.of(), Map.of(), List.of());

    QueueTraits durable(boolean on) {
        return new QueueTraits(
                on, exclusive, autoDelete, passive, arguments, typedArguments, bindingArguments, furtherBindings);
    }

    QueueTraits exclusive(boolean on) {
        return new QueueTraits(
                durable, on, autoDelete, passive, arguments, typedArguments, bindingArguments, furtherBindings);
    }

    QueueTraits autoDelete(boolean on) {
        return new QueueTraits(
                durable, exclusive, on, passive, arguments, typedArguments, bindingArguments, furtherBindings);
    }

    QueueTraits passive(boolean on) {
        return new QueueTraits(
                durable, exclusive, autoDelete, on, arguments, typedArguments, bindingArguments, furtherBindings);
    }

    QueueTraits arguments(Map<String, Object> table) {
        return new QueueTraits(
                durable, exclusive, autoDelete, passive, table, typedArguments, bindingArguments, furtherBindings);
    }

    QueueTraits typed(String name, Object value) {
        Map<String, Object> table = new LinkedHashMap<>(typedArguments);
        table.put(name, value);
        return new QueueTraits(
                durable,
                exclusive,
                autoDelete,
                passive,
                arguments,
                Collections.unmodifiableMap(table),
                bindingArguments,
                furtherBindings);
    }

    QueueTraits bindingArguments(Map<String, Object> table) {
        return new QueueTraits(
                durable, exclusive, autoDelete, passive, arguments, typedArguments, table, furtherBindings);
    }

    QueueTraits furtherBindings(List<Binding> bindings) {
        return new QueueTraits(
                durable,
                exclusive,
                autoDelete,
                passive,
                arguments,
                typedArguments,
                bindingArguments,
                List.copyOf(bindings));
    }
}
