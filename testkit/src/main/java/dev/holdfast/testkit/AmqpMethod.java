package dev.holdfast.testkit;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A method of AMQP 0-9-1 with its arguments, as a {@link ScriptedConnection} receives it.
 *
 * @param channel the number of the channel, 0 for methods of the connection
 * @param name class and method, such as {@code "queue.declare"}
 * @param arguments by their names in the protocol, such as {@code "queue"}, in their order; numbers are Long, flags
 *     Boolean, short strings String, long strings byte[], tables Map
 */
public record AmqpMethod(int channel, String name, Map<String, Object> arguments) {
    /** Takes a copy of the arguments. */
    public AmqpMethod {
        Objects.requireNonNull(name, "name");
        arguments = Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
    }

    /** Returns an argument that is a string. */
    public String text(String argument) {
        return value(argument, String.class);
    }

    /** Returns an argument that is a number. */
    public long number(String argument) {
        return value(argument, Long.class);
    }

    /** Returns an argument that is a flag. */
    public boolean flag(String argument) {
        return value(argument, Boolean.class);
    }

    private <T> T value(String argument, Class<T> type) {
        Object value = arguments.get(argument);
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException(name + ": argument '" + argument + "' is " + value + " (expected: a "
                    + type.getSimpleName() + "; the arguments are " + arguments.keySet() + ")");
        }
        return type.cast(value);
    }

    @Override
    public String toString() {
        return name + arguments + " on channel " + channel;
    }
}
