package dev.holdfast.testing;

import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.wire.LongString;
import io.netty.buffer.Unpooled;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** AMQP methods with random arguments. */
public final class RandomMethods {
    private static final int SHORT_VALUES = 1 << 16;
    private static final int OCTET_VALUES = 1 << 8;

    private RandomMethods() {}

    /** The types of all methods. */
    public static Stream<Class<?>> types() {
        return Arrays.stream(Method.class.getPermittedSubclasses());
    }

    /** A method of this type; the same for the same random numbers. */
    public static Method of(Class<?> type, Random random) {
        try {
            return create(type, random);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private static Method create(Class<?> type, Random random) throws ReflectiveOperationException {
        if (type.isEnum()) {
            return (Method) type.getEnumConstants()[0];
        }
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        int valueCount = SHORT_VALUES;
        while (true) {
            int range = valueCount;
            Object[] values =
                    Arrays.stream(types).map(t -> value(t, random, range)).toArray();
            Method method = (Method) type.getConstructor(types).newInstance(values);
            try {
                FrameFormat.writeMethod(Unpooled.buffer(), 0, method);
                return method;
            } catch (IllegalArgumentException tooWide) {
                valueCount = OCTET_VALUES; // one of the integers is an octet
            }
        }
    }

    private static Object value(Class<?> type, Random random, int range) {
        if (type == int.class) {
            return random.nextInt(range);
        } else if (type == long.class) {
            return (long) random.nextInt(Integer.MAX_VALUE);
        } else if (type == boolean.class) {
            return random.nextBoolean();
        } else if (type == String.class) {
            return text(random);
        } else if (type == LongString.class) {
            return LongString.of(text(random));
        } else if (type == Map.class) {
            return table(random);
        }
        throw new AssertionError("no random value for " + type);
    }

    /** At most one entry: the other client does not keep the order. */
    private static Map<String, Object> table(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> Map.of();
            case 1 -> Map.of("x-" + random.nextInt(100), random.nextInt());
            case 2 -> Map.of("text", text(random));
            default -> Map.of("inner", Map.of("flag", random.nextBoolean()));
        };
    }

    private static String text(Random random) {
        return random.ints(random.nextInt(20), 0x20, 0x250)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
