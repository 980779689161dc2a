package dev.holdfast.serialization;

import dev.holdfast.DecodeException;
import dev.holdfast.internal.text.NumberLimits;
import dev.holdfast.internal.text.Utf8;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
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
 * Unpickles plain data and runs no code. The only globals of Python modules that it resolves are datetime, date, time,
 * timezone, timedelta, Decimal, UUID, sets, bytes and OrderedDict; any other is refused. A ZoneInfo is pickled as a
 * call of {@code getattr(ZoneInfo, "_unpickle")}: getattr is resolved for these two arguments only.
 * Data that contains itself is refused too. Tuples are read as lists. For one pickle; not thread-safe.
 */
final class PickleReader extends Unpickler {
    private static final int MAX_DEPTH = 1000;
    private static final int MIN_BUDGET = 10_000;
    private static final int STEPS_PER_BYTE = 16;
    private static final Set<String> GETATTR = Set.of("builtins.getattr", "__builtin__.getattr");
    private static final IObjectConstructor ZONE_INFO = args -> {
        throw new DecodeException("pickle: a call of zoneinfo.ZoneInfo (expected: its _unpickle)", null);
    };
    private static final Map<String, IObjectConstructor> CONSTRUCTORS = constructors();

    /** Steps that the rest of the pickle may take for shared parts; a limit for crafted pickles, above any other. */
    private long budget;

    /** Plain copies by the unpickled container; null while the copy is in progress, which detects cycles. */
    private final IdentityHashMap<Object, @Nullable Object> copies = new IdentityHashMap<>();

    /** A UUID whose value is set by the opcode BUILD, after its construction. */
    private static final class UuidHolder {
        @Nullable
        UUID value;
    }

    /** The keys and values of a dict, alternating: raw keys are not hashed. */
    private static final class RawDict {
        final List<@Nullable Object> items = new ArrayList<>();

        @Nullable
        Object get(Object key) {
            Object value = null;
            for (int i = 0; i < items.size(); i += 2) {
                value = key.equals(items.get(i)) ? items.get(i + 1) : value;
            }
            return value;
        }
    }

    /** The elements of a set, not hashed either. */
    private static final class RawSet {
        final List<@Nullable Object> items = new ArrayList<>();
    }

    private static Map<String, IObjectConstructor> constructors() {
        Map<String, IObjectConstructor> constructors = new LinkedHashMap<>();
        constructors.put("datetime.datetime", PickleReader::dateTime);
        constructors.put(
                "datetime.date",
                args -> args[0] instanceof byte[] packed
                        ? LocalDate.of(unsigned(packed, 0, 2), packed[2], packed[3])
                        : LocalDate.of(number(args, 0), number(args, 1), number(args, 2)));
        constructors.put("datetime.time", PickleReader::time);
        constructors.put(
                "datetime.timezone", args -> ZoneOffset.ofTotalSeconds((int) ((Duration) args[0]).toSeconds()));
        constructors.put(
                "datetime.timedelta",
                args -> Duration.ofDays(number(args, 0))
                        .plusSeconds(args.length > 1 ? ((Number) args[1]).longValue() : 0)
                        .plusNanos(number(args, 2) * 1000L));
        constructors.put("zoneinfo.ZoneInfo", ZONE_INFO);
        constructors.put("decimal.Decimal", args -> NumberLimits.decimal((String) args[0]));
        constructors.put("uuid.UUID", PickleReader::uuid);
        constructors.put("collections.OrderedDict", args -> new RawDict());
        constructors.put("_codecs.encode", args -> ((String) args[0]).getBytes(StandardCharsets.ISO_8859_1));
        for (String module : List.of("builtins.", "__builtin__.")) {
            constructors.put(module + "set", PickleReader::set);
            constructors.put(module + "frozenset", PickleReader::set);
            constructors.put(module + "bytes", PickleReader::bytes);
            constructors.put(module + "bytearray", PickleReader::bytes);
        }
        return Collections.unmodifiableMap(constructors);
    }

    private static Object dateTime(Object[] args) {
        if (args[0] instanceof byte[] packed) {
            LocalDate date = LocalDate.of(unsigned(packed, 0, 2), packed[2] & 127, packed[3]);
            return inZone(
                    date.atTime(packed[4], packed[5], packed[6], unsigned(packed, 7, 10) * 1000),
                    args.length > 1 ? args[1] : null,
                    packed[2] < 0);
        }
        LocalTime time = LocalTime.of(number(args, 3), number(args, 4), number(args, 5), number(args, 6) * 1000);
        LocalDate date = LocalDate.of(number(args, 0), number(args, 1), number(args, 2));
        return inZone(date.atTime(time), args.length > 7 ? args[7] : null, false);
    }

    /**
     * Returns a time that is ambiguous, or missing, when clocks change as Python does.
     *
     * @param fold the second of two equal times
     */
    private static Object inZone(LocalDateTime dateTime, @Nullable Object zone, boolean fold) {
        if (zone == null) {
            return dateTime;
        }
        if (zone instanceof ZoneOffset offset) {
            return dateTime.atOffset(offset);
        }
        ZoneRules rules = ((ZoneId) zone).getRules();
        ZoneOffsetTransition change = rules.getTransition(dateTime);
        ZoneOffset offset =
                change == null ? rules.getOffset(dateTime) : fold ? change.getOffsetAfter() : change.getOffsetBefore();
        return ZonedDateTime.ofInstant(dateTime, offset, (ZoneId) zone);
    }

    private static Object getattr(Object[] args) {
        if (args.length != 2 || args[0] != ZONE_INFO || !"_unpickle".equals(args[1])) {
            throw new DecodeException("pickle: getattr (expected: plain data)", null);
        }
        return (IObjectConstructor) PickleReader::zone;
    }

    private static ZoneId zone(Object[] args) {
        try {
            return ZoneId.of((String) args[0]);
        } catch (DateTimeException e) {
            throw new DecodeException("pickle: time zone '" + args[0] + "' (expected: one that this JVM knows)", e);
        }
    }

    private static Object time(Object[] args) {
        LocalTime time = args[0] instanceof byte[] packed
                ? LocalTime.of(packed[0] & 127, packed[1], packed[2], unsigned(packed, 3, 6) * 1000)
                : LocalTime.of(number(args, 0), number(args, 1), number(args, 2), number(args, 3) * 1000);
        Object last = args[args.length - 1];
        if (last instanceof ZoneId zone) {
            if (!zone.getRules().isFixedOffset()) {
                throw new DecodeException("pickle: a time in " + zone + " (expected: with a fixed offset)", null);
            }
            return time.atOffset(zone.getRules().getOffset(Instant.EPOCH));
        }
        return time;
    }

    private static int unsigned(byte[] bytes, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            value = value * 256 + Byte.toUnsignedInt(bytes[i]);
        }
        return value;
    }

    private static int number(Object[] args, int index) {
        return index < args.length ? Math.toIntExact(((Number) args[index]).longValue()) : 0;
    }

    private static Object uuid(Object[] args) {
        UuidHolder holder = new UuidHolder();
        holder.value = args.length == 0 ? null : UUID.fromString((String) args[0]);
        return holder;
    }

    private static RawSet set(Object[] args) {
        RawSet set = new RawSet();
        if (args.length > 0) {
            Object items = args[0] instanceof RawSet other ? other.items : tupleAsList(args[0]);
            set.items.addAll((Collection<?>) items);
        }
        return set;
    }

    private static Object bytes(Object[] args) {
        return args.length == 0
                ? new byte[0]
                : args[0] instanceof String text ? text.getBytes(StandardCharsets.ISO_8859_1) : (byte[]) args[0];
    }

    private static Object tupleAsList(Object value) {
        return value instanceof Object[] array ? Arrays.asList(array) : value;
    }

    @Nullable
    Object read(byte[] body) throws IOException {
        budget = MIN_BUDGET + STEPS_PER_BYTE * (long) body.length;
        return toPlain(load(new ByteArrayInputStream(body)), 0);
    }

    /** Counts work for which the body may have no bytes of its own, because parts of it are shared. */
    private void charge(int steps) {
        budget -= steps;
        if (budget < 0) {
            throw new DecodeException("pickle: shared parts are copied too often (expected: plain data)", null);
        }
    }

    @Override
    protected Object dispatch(short opcode) throws IOException {
        switch (opcode) {
            case Opcodes.GLOBAL -> pushGlobal(PickleUtils.readline(input), PickleUtils.readline(input));
            case Opcodes.STACK_GLOBAL -> {
                String name = (String) stack.pop();
                pushGlobal((String) stack.pop(), name);
            }
            case Opcodes.LONG -> {
                String text = PickleUtils.readline(input);
                int end = text.endsWith("L") ? text.length() - 1 : text.length();
                stack.add(PickleUtils.optimizeBigint(NumberLimits.integer(text.substring(0, end))));
            }
            case Opcodes.SHORT_BINUNICODE -> stack.add(text(input.read()));
            case Opcodes.BINUNICODE, Opcodes.BINUNICODE8 -> {
                checkLength(opcode);
                byte[] length = input.readNBytes(opcode == Opcodes.BINUNICODE ? Integer.BYTES : Long.BYTES);
                stack.add(text(PickleUtils.bytes_to_integer(length, 0, Integer.BYTES)));
            }
            case Opcodes.EMPTY_DICT -> stack.add(new RawDict());
            case Opcodes.EMPTY_SET -> stack.add(new RawSet());
            case Opcodes.ADDITEMS -> {
                List<Object> items = stack.pop_all_since_marker();
                ((RawSet) stack.peek()).items.addAll(items);
            }
            case Opcodes.FROZENSET -> stack.add(set(new Object[] {stack.pop_all_since_marker()}));
            case Opcodes.SETITEM -> {
                Object value = stack.pop();
                Object key = stack.pop();
                ((RawDict) stack.peek()).items.addAll(Arrays.asList(key, value));
            }
            case Opcodes.SETITEMS -> {
                List<Object> items = stack.pop_all_since_marker();
                ((RawDict) stack.peek()).items.addAll(items);
            }
            case Opcodes.DICT -> {
                RawDict dict = new RawDict();
                dict.items.addAll(stack.pop_all_since_marker());
                stack.add(dict);
            }
            case Opcodes.BUILD -> setState(stack.pop(), stack.peek());
            case Opcodes.INST, Opcodes.OBJ, Opcodes.NEWOBJ_EX, Opcodes.NEXT_BUFFER, Opcodes.PERSID, Opcodes.BINPERSID ->
                throw new DecodeException("pickle: opcode " + opcode + " (expected: plain data)", null);
            case Opcodes.REDUCE, Opcodes.NEWOBJ -> {
                for (Object arg : (Object[]) stack.peek()) {
                    charge(size(arg));
                }
                return super.dispatch(opcode);
            }
            default -> {
                checkLength(opcode);
                return super.dispatch(opcode);
            }
        }
        return NO_RETURN_VALUE;
    }

    /** Python writes half a surrogate pair as three bytes, which are not UTF-8. */
    private String text(int length) throws IOException {
        byte[] bytes = input.readNBytes(length);
        String text = bytes.length < length ? null : Utf8.decode(bytes);
        if (text == null) {
            throw new DecodeException("pickle: text of " + length + " bytes (expected: UTF-8)", null);
        }
        return text;
    }

    private static int size(@Nullable Object arg) {
        if (arg instanceof String text) {
            return text.length();
        }
        if (arg instanceof RawDict dict) {
            return dict.items.size();
        }
        if (arg instanceof RawSet set) {
            return set.items.size();
        }
        return arg instanceof Object[] || arg instanceof Collection ? ((Collection<?>) tupleAsList(arg)).size() : 1;
    }

    private void pushGlobal(String module, String name) {
        String global = module + "." + name;
        IObjectConstructor constructor = GETATTR.contains(global) ? PickleReader::getattr : CONSTRUCTORS.get(global);
        if (constructor == null) {
            throw new DecodeException(
                    "pickle: " + global + " (expected: plain data, one of " + CONSTRUCTORS.keySet() + ")", null);
        }
        stack.add(constructor);
    }

    private void setState(Object state, Object target) {
        charge(size(state));
        if (!(target instanceof UuidHolder holder)
                || !(state instanceof RawDict dict)
                || !(dict.get("int") instanceof Number n)) {
            throw new DecodeException(
                    "pickle: state of " + target.getClass().getName() + " (expected: plain data)", null);
        }
        BigInteger number = n instanceof BigInteger big ? big : BigInteger.valueOf(n.longValue());
        holder.value = new UUID(number.shiftRight(Long.SIZE).longValue(), number.longValue());
    }

    /** Checks the length of a value against the remaining bytes before the array is allocated. */
    private void checkLength(short opcode) throws IOException {
        int lengthBytes = switch (opcode) {
            case Opcodes.BINUNICODE, Opcodes.BINSTRING, Opcodes.BINBYTES, Opcodes.LONG4 -> Integer.BYTES;
            case Opcodes.BINUNICODE8, Opcodes.BINBYTES8, Opcodes.BYTEARRAY8 -> Long.BYTES;
            default -> 0;
        };
        if (lengthBytes == 0) {
            return;
        }
        input.mark(lengthBytes);
        long length = 0;
        for (int i = 0; i < lengthBytes; i++) {
            length |= (input.read() & 255L) << (8 * i);
        }
        if (length < 0 || length > input.available()) {
            throw new DecodeException("pickle: ends within a value of " + length + " bytes", null);
        }
        if (opcode == Opcodes.LONG4 && length > NumberLimits.MAX_BYTES) {
            throw NumberLimits.tooLong("integer of " + length + " bytes");
        }
        input.reset();
    }

    private @Nullable Object toPlain(@Nullable Object value, int depth) {
        if (value instanceof UuidHolder holder) {
            return holder.value;
        }
        if (value != null && (value instanceof Object[] || isCollection(value))) {
            if (depth > MAX_DEPTH || (copies.containsKey(value) && copies.get(value) == null)) {
                throw new DecodeException("pickle: cyclic data, or nested deeper than " + MAX_DEPTH, null);
            }
            Object copy = copies.get(value);
            if (copy == null) {
                copies.put(value, null);
                copy = copyContainer(value, depth + 1);
                copies.put(value, copy);
            }
            return copy;
        }
        if (value instanceof IObjectConstructor) {
            throw new DecodeException("pickle: a class or a function (expected: plain data)", null);
        }
        if (value instanceof BigInteger big) {
            return NumberLimits.check(big);
        }
        return value instanceof Long number && number == number.intValue() ? (Object) number.intValue() : value;
    }

    private static boolean isCollection(@Nullable Object value) {
        return value instanceof Collection || value instanceof RawDict || value instanceof RawSet;
    }

    private Object copyContainer(Object value, int depth) {
        KeyCollisions collisions = new KeyCollisions();
        if (value instanceof RawDict dict) {
            Map<@Nullable Object, @Nullable Object> copy = new LinkedHashMap<>();
            for (int i = 0; i < dict.items.size(); i += 2) {
                copy.put(plainKey(dict.items.get(i), depth, collisions), toPlain(dict.items.get(i + 1), depth));
            }
            return copy;
        }
        if (value instanceof RawSet set) {
            Set<@Nullable Object> copy = new LinkedHashSet<>();
            for (Object item : set.items) {
                copy.add(plainKey(item, depth, collisions));
            }
            return copy;
        }
        Collection<?> items = (Collection<?>) tupleAsList(value);
        List<@Nullable Object> copy = new ArrayList<>(items.size());
        for (Object item : items) {
            copy.add(toPlain(item, depth));
        }
        return copy;
    }

    /**
     * Refuses a collection as a key or an element of a set, or within a tuple that is one: a sender can craft
     * collections whose hash takes arbitrarily long.
     */
    private static void requireHashable(@Nullable Object key) {
        if (isCollection(key)) {
            throw new DecodeException("pickle: a collection as a key (expected: a scalar or a tuple of scalars)", null);
        }
    }

    private @Nullable Object plainKey(@Nullable Object key, int depth, KeyCollisions collisions) {
        requireHashable(key);
        Object plain = toPlain(key, depth);
        if (plain instanceof List<?> tuple) {
            charge(tuple.size());
            tuple.forEach(PickleReader::requireHashable);
        }
        collisions.add(plain);
        return plain;
    }
}
