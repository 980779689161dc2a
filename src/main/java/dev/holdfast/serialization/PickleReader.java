package dev.holdfast.serialization;

import dev.holdfast.DecodeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;
import org.jspecify.annotations.Nullable;

/**
 * Reads one pickle of plain data: of all that stands in Python's modules it knows datetime, date, time, timezone,
 * timedelta, Decimal, UUID, sets, bytes, and OrderedDict. Any other name is refused, and so is what is no tree: data that
 * holds itself. Tuples are read as lists.
 */
final class PickleReader extends Unpickler {
    private static final int MAX_DEPTH = 1000;
    private static final Map<String, IObjectConstructor> KNOWN = known();

    /** What was made plain, by what it was; null while it is being made. */
    private final IdentityHashMap<Object, @Nullable Object> done = new IdentityHashMap<>();

    /** A UUID of which Python tells the number only after it is made. */
    private static final class Uuid {
        @Nullable
        UUID value;
    }

    private static Map<String, IObjectConstructor> known() {
        Map<String, IObjectConstructor> all = new LinkedHashMap<>();
        all.put("datetime.datetime", PickleReader::dateTime);
        all.put(
                "datetime.date",
                a -> a[0] instanceof byte[] b
                        ? LocalDate.of(unsigned(b, 0, 2), b[2], b[3])
                        : LocalDate.of(number(a, 0), number(a, 1), number(a, 2)));
        all.put("datetime.time", PickleReader::time);
        all.put("datetime.timezone", a -> ZoneOffset.ofTotalSeconds((int) ((Duration) a[0]).toSeconds()));
        all.put(
                "datetime.timedelta",
                a -> Duration.ofDays(number(a, 0)).plusSeconds(number(a, 1)).plusNanos(number(a, 2) * 1000L));
        all.put("decimal.Decimal", a -> new BigDecimal((String) a[0]));
        all.put("uuid.UUID", PickleReader::uuid);
        all.put("collections.OrderedDict", a -> new LinkedHashMap<>());
        all.put("_codecs.encode", a -> ((String) a[0]).getBytes(StandardCharsets.ISO_8859_1));
        for (String module : List.of("builtins.", "__builtin__.")) {
            all.put(module + "set", a -> set(a.length == 0 ? List.of() : (Collection<?>) list(a[0])));
            all.put(module + "frozenset", a -> set(a.length == 0 ? List.of() : (Collection<?>) list(a[0])));
            all.put(module + "bytes", PickleReader::bytes);
            all.put(module + "bytearray", PickleReader::bytes);
        }
        return Collections.unmodifiableMap(all);
    }

    private static Object dateTime(Object[] a) {
        if (a[0] instanceof byte[] b) {
            LocalDate date = LocalDate.of(unsigned(b, 0, 2), b[2] & 127, b[3]);
            return zoned(date.atTime(b[4], b[5], b[6], unsigned(b, 7, 10) * 1000), a.length > 1 ? a[1] : null);
        }
        LocalTime time = LocalTime.of(number(a, 3), number(a, 4), number(a, 5), number(a, 6) * 1000);
        LocalDate date = LocalDate.of(number(a, 0), number(a, 1), number(a, 2));
        return zoned(date.atTime(time), a.length > 7 ? a[7] : null);
    }

    private static Object zoned(LocalDateTime dateTime, @Nullable Object zone) {
        return zone == null ? dateTime : dateTime.atOffset((ZoneOffset) zone);
    }

    private static Object time(Object[] a) {
        LocalTime time = a[0] instanceof byte[] b
                ? LocalTime.of(b[0] & 127, b[1], b[2], unsigned(b, 3, 6) * 1000)
                : LocalTime.of(number(a, 0), number(a, 1), number(a, 2), number(a, 3) * 1000);
        Object last = a[a.length - 1];
        return last instanceof ZoneOffset offset ? time.atOffset(offset) : time;
    }

    private static int unsigned(byte[] bytes, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            value = value * 256 + Byte.toUnsignedInt(bytes[i]);
        }
        return value;
    }

    private static int number(Object[] arguments, int at) {
        return at < arguments.length ? Math.toIntExact(((Number) arguments[at]).longValue()) : 0;
    }

    private static Object uuid(Object[] a) {
        Uuid uuid = new Uuid();
        uuid.value = a.length == 0 ? null : UUID.fromString((String) a[0]);
        return uuid;
    }

    private static Set<Object> set(Collection<?> items) {
        Set<Object> set = new LinkedHashSet<>();
        items.forEach(item -> set.add(hashable(item)));
        return set;
    }

    private static Object bytes(Object[] a) {
        return a.length == 0
                ? new byte[0]
                : a[0] instanceof String text ? text.getBytes(StandardCharsets.ISO_8859_1) : (byte[]) a[0];
    }

    private static Object list(Object value) {
        return value instanceof Object[] array ? Arrays.asList(array) : value;
    }

    @Nullable
    Object read(byte[] body) throws IOException {
        Object read = load(new ByteArrayInputStream(body));
        return plain(read, 0);
    }

    @Override
    protected Object dispatch(short opcode) throws IOException {
        switch (opcode) {
            case Opcodes.GLOBAL -> global(PickleUtils.readline(input), PickleUtils.readline(input));
            case Opcodes.STACK_GLOBAL -> {
                String name = (String) stack.pop();
                global((String) stack.pop(), name);
            }
            case Opcodes.EMPTY_DICT -> stack.add(new LinkedHashMap<>());
            case Opcodes.EMPTY_SET -> stack.add(new LinkedHashSet<>());
            case Opcodes.ADDITEMS -> addAll(stack.pop_all_since_marker());
            case Opcodes.FROZENSET -> stack.add(set(stack.pop_all_since_marker()));
            case Opcodes.SETITEM -> {
                Object value = stack.pop();
                putAll(Arrays.asList(stack.pop(), value));
            }
            case Opcodes.SETITEMS -> putAll(stack.pop_all_since_marker());
            case Opcodes.DICT -> {
                List<Object> items = stack.pop_all_since_marker();
                stack.add(new LinkedHashMap<>());
                putAll(items);
            }
            case Opcodes.BUILD -> build(stack.pop(), stack.peek());
            case Opcodes.INST, Opcodes.OBJ, Opcodes.NEWOBJ_EX, Opcodes.NEXT_BUFFER, Opcodes.PERSID, Opcodes.BINPERSID ->
                throw new DecodeException("pickle: opcode " + opcode + " (expected: plain data)", null);
            default -> {
                checkLength(opcode);
                return super.dispatch(opcode);
            }
        }
        return NO_RETURN_VALUE;
    }

    @SuppressWarnings("unchecked")
    private void addAll(List<Object> items) {
        ((Set<Object>) stack.peek()).addAll(set(items));
    }

    @SuppressWarnings("unchecked")
    private void putAll(List<Object> items) {
        Map<Object, Object> map = (Map<Object, Object>) stack.peek();
        for (int i = 0; i < items.size(); i += 2) {
            map.put(hashable(items.get(i)), items.get(i + 1));
        }
    }

    /** No collection is hashed, nor by {@link #key} one within another: their hash can be made to take forever. */
    private static Object hashable(Object key) {
        if (key instanceof Collection || key instanceof Map) {
            throw new DecodeException("pickle: a key of collections (expected: a scalar, or a tuple of them)", null);
        }
        return key;
    }

    private void global(String module, String name) {
        IObjectConstructor constructor = KNOWN.get(module + "." + name);
        if (constructor == null) {
            throw new DecodeException(
                    "pickle: " + module + "." + name + " (expected: plain data, one of " + KNOWN.keySet() + ")", null);
        }
        stack.add(constructor);
    }

    private static void build(Object state, Object target) {
        if (!(target instanceof Uuid uuid)
                || !(state instanceof Map<?, ?> map)
                || !(map.get("int") instanceof Number n)) {
            throw new DecodeException(
                    "pickle: state of " + target.getClass().getName() + " (expected: plain data)", null);
        }
        BigInteger number = new BigInteger(n.toString());
        uuid.value = new UUID(number.shiftRight(Long.SIZE).longValue(), number.longValue());
    }

    /** A length is only believed where so many bytes are there. */
    private void checkLength(short opcode) throws IOException {
        int size = switch (opcode) {
            case Opcodes.BINUNICODE, Opcodes.BINSTRING, Opcodes.BINBYTES, Opcodes.LONG4 -> Integer.BYTES;
            case Opcodes.BINUNICODE8, Opcodes.BINBYTES8, Opcodes.BYTEARRAY8 -> Long.BYTES;
            default -> 0;
        };
        if (size == 0) {
            return;
        }
        input.mark(size);
        long length = 0;
        for (int i = 0; i < size; i++) {
            length |= (input.read() & 255L) << (8 * i);
        }
        if (length < 0 || length > input.available()) {
            throw new DecodeException("pickle: ends within a value of " + length + " bytes", null);
        }
        input.reset();
    }

    private @Nullable Object plain(@Nullable Object value, int depth) {
        if (value instanceof Uuid uuid) {
            return uuid.value;
        }
        if (value instanceof Object[] || value instanceof Collection || value instanceof Map) {
            if (depth > MAX_DEPTH || (done.containsKey(value) && done.get(value) == null)) {
                throw new DecodeException("pickle: data that holds itself, or nests deeper than " + MAX_DEPTH, null);
            }
            Object made = done.get(value);
            if (made == null) {
                done.put(value, null);
                made = container(value, depth + 1);
                done.put(value, made);
            }
            return made;
        }
        if (value instanceof IObjectConstructor) {
            throw new DecodeException("pickle: a class or a function (expected: plain data)", null);
        }
        return value instanceof Long number && number == number.intValue() ? (Object) number.intValue() : value;
    }

    private Object container(Object value, int depth) {
        if (value instanceof Map<?, ?> map) {
            Map<@Nullable Object, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((key, item) -> copy.put(key(key, depth), plain(item, depth)));
            return copy;
        }
        Collection<?> items = (Collection<?>) list(value);
        Collection<@Nullable Object> copy =
                value instanceof Set ? new LinkedHashSet<>() : new ArrayList<>(items.size());
        for (Object item : items) {
            copy.add(value instanceof Set ? key(item, depth) : plain(item, depth));
        }
        return copy;
    }

    private @Nullable Object key(@Nullable Object key, int depth) {
        Object made = plain(key, depth);
        if (made instanceof List<?> tuple) {
            tuple.forEach(PickleReader::hashable);
        }
        return made;
    }
}
