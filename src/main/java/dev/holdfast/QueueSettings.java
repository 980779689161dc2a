package dev.holdfast;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The values of a {@link Queue} other than its name and first binding, one field per property, with their defaults.
 * Maps and lists in it are unmodifiable copies. Only the wither that made a copy changes it.
 */
final class QueueSettings implements Cloneable {
    boolean durable = true;
    boolean exclusive;

    /** Null: as {@link #exclusive}. */
    @Nullable
    Boolean autoDelete;

    boolean passive;
    boolean noDeclare;
    boolean noAck;
    String alias = "";
    Map<String, Object> arguments = Map.of();
    Map<String, Object> typedArguments = Map.of();
    Map<String, Object> bindingArguments = Map.of();
    Map<String, Object> consumerArguments = Map.of();
    List<Binding> furtherBindings = List.of();

    @Nullable
    Consumer<QueueInfo> onDeclared;

    boolean isAutoDelete() {
        return autoDelete == null ? exclusive : autoDelete;
    }

    /** Compares all values except arguments and bindings, which the queue compares, and onDeclared. */
    boolean equalProperties(QueueSettings that) {
        return durable == that.durable
                && exclusive == that.exclusive
                && isAutoDelete() == that.isAutoDelete()
                && passive == that.passive
                && noDeclare == that.noDeclare
                && noAck == that.noAck
                && alias.equals(that.alias)
                && consumerArguments.equals(that.consumerArguments);
    }

    /** Puts all values into a map with Kombu's keys. */
    void putInto(Map<String, Object> map) {
        map.put("durable", durable);
        map.put("exclusive", exclusive);
        map.put("auto_delete", isAutoDelete());
        map.put("passive", passive);
        map.put("no_declare", noDeclare);
        map.put("no_ack", noAck);
        if (!alias.isEmpty()) {
            map.put("alias", alias);
        }
        KombuDefinition.putArguments(map, arguments, typedArguments);
        map.put("binding_arguments", bindingArguments);
        map.put("consumer_arguments", consumerArguments);
        map.put(
                "bindings",
                furtherBindings.stream()
                        .map(binding -> binding.toQueue("").toMap())
                        .toList());
    }

    QueueSettings copy() {
        try {
            return (QueueSettings) clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }
}
