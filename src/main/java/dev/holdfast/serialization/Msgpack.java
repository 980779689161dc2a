package dev.holdfast.serialization;

import dev.holdfast.DecodeException;
import dev.holdfast.SerializationException;
import dev.holdfast.internal.text.IsoTime;
import dev.holdfast.internal.text.TextCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.ExtensionTypeHeader;
import org.msgpack.core.MessageFormatException;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePacker;
import org.msgpack.core.MessageUnpacker;

/**
 * Serializer {@code msgpack}: MessagePack, with the types str and bin kept apart. An instant is written as a timestamp
 * and read as an OffsetDateTime at UTC. Types that MessagePack does not have (other dates and times, BigDecimal, UUID
 * and enums) are written as text. Integers are limited to -2^63 to 2^64 - 1, the nesting depth to 500. Thread-safe.
 */
final class Msgpack implements Serializer {
    private static final int MAX_DEPTH = 500;
    private static final int UNSIGNED_BITS = 64;

    Msgpack() {
        // Loads the library: if it is absent, the constructor fails, not a later call.
        MessagePack.PackerConfig unused = MessagePack.DEFAULT_PACKER_CONFIG;
    }

    @Override
    public String contentType() {
        return "application/x-msgpack";
    }

    @Override
    public Optional<String> contentEncoding() {
        return Optional.of("binary");
    }

    @Override
    public byte[] serialize(Object body) {
        return BodyBuffer.toByteArray(this, body);
    }

    /** Does not close the packer, which would close the stream. */
    @Override
    public void serialize(Object body, OutputStream out) throws IOException {
        MessagePacker packer = MessagePack.newDefaultPacker(out);
        write(body, packer, 0);
        packer.flush();
    }

    private static void write(@Nullable Object value, MessagePacker out, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new SerializationException("body: nested deeper than " + MAX_DEPTH, null);
        }
        if (value == null) {
            out.packNil();
        } else if (value instanceof Boolean bool) {
            out.packBoolean(bool);
        } else if (value instanceof Number number) {
            write(number, out);
        } else if (value instanceof byte[] bytes) {
            out.packBinaryHeader(bytes.length).addPayload(bytes);
        } else if (value instanceof Map<?, ?> map) {
            out.packMapHeader(map.size());
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                write(entry.getKey(), out, depth + 1);
                write(entry.getValue(), out, depth + 1);
            }
        } else if (value instanceof Collection<?> collection) {
            out.packArrayHeader(collection.size());
            for (Object item : collection) {
                write(item, out, depth + 1);
            }
        } else if (value.getClass().isArray()) {
            int length = Array.getLength(value);
            out.packArrayHeader(length);
            for (int i = 0; i < length; i++) {
                write(Array.get(value, i), out, depth + 1);
            }
        } else {
            writeScalar(value, out);
        }
    }

    private static void write(Number number, MessagePacker out) throws IOException {
        if (number instanceof BigInteger big) {
            if (big.signum() < 0 ? big.bitLength() >= UNSIGNED_BITS : big.bitLength() > UNSIGNED_BITS) {
                throw new SerializationException("integer: " + big + " (expected: -2^63 to 2^64 - 1)", null);
            }
            out.packBigInteger(big);
        } else if (number instanceof Double || number instanceof Float) {
            out.packDouble(number.doubleValue());
        } else if (number instanceof BigDecimal) {
            out.packString(number.toString());
        } else if (number instanceof Long
                || number instanceof Integer
                || number instanceof Short
                || number instanceof Byte) {
            out.packLong(number.longValue());
        } else {
            throw unsupported(number);
        }
    }

    private static void writeScalar(Object value, MessagePacker out) throws IOException {
        if (value instanceof Instant instant) {
            out.packTimestamp(IsoTime.atUtc(instant).toInstant());
        } else if (value instanceof OffsetDateTime dateTime) {
            out.packTimestamp(dateTime.toInstant());
        } else if (value instanceof ZonedDateTime dateTime) {
            out.packTimestamp(dateTime.toInstant());
        } else if (value instanceof TemporalAccessor) {
            out.packString(IsoTime.format(value));
        } else if (value instanceof CharSequence || value instanceof Character || value instanceof UUID) {
            byte[] bytes = TextCodec.encode(value.toString());
            out.packRawStringHeader(bytes.length).addPayload(bytes);
        } else if (value instanceof Enum<?> constant) {
            out.packString(constant.name());
        } else {
            throw unsupported(value);
        }
    }

    private static SerializationException unsupported(Object value) {
        return new SerializationException(
                "body: " + value.getClass().getName() + " (expected: a type that msgpack supports)", null);
    }

    @Override
    public @Nullable Object deserialize(byte[] body) {
        try (MessageUnpacker in = MessagePack.newDefaultUnpacker(body)) {
            Object value = read(in, body.length, 0);
            if (in.hasNext()) {
                throw new DecodeException("body: trailing bytes (expected: one msgpack value)", null);
            }
            return value;
        } catch (DecodeException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new DecodeException("body is not msgpack: " + e, e);
        }
    }

    private static @Nullable Object read(MessageUnpacker in, int size, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new DecodeException("body: nested deeper than " + MAX_DEPTH, null);
        }
        return switch (in.getNextFormat().getValueType()) {
            case NIL -> {
                in.unpackNil();
                yield null;
            }
            case BOOLEAN -> in.unpackBoolean();
            case INTEGER -> narrowest(in.unpackBigInteger());
            case FLOAT -> in.unpackDouble();
            case STRING -> TextCodec.decode(readPayload(in, in.unpackRawStringHeader(), size), StandardCharsets.UTF_8);
            case BINARY -> readPayload(in, in.unpackBinaryHeader(), size);
            case ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                for (int remaining = in.unpackArrayHeader(); remaining > 0; remaining--) {
                    list.add(read(in, size, depth + 1));
                }
                yield list;
            }
            case MAP -> readMap(in, size, depth);
            case EXTENSION -> {
                ExtensionTypeHeader header = in.unpackExtensionTypeHeader();
                if (!header.isTimestampType()) {
                    throw new MessageFormatException("extension type " + header.getType());
                }
                yield in.unpackTimestamp(header).atOffset(ZoneOffset.UTC);
            }
        };
    }

    private static Map<@Nullable Object, @Nullable Object> readMap(MessageUnpacker in, int size, int depth)
            throws IOException {
        Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
        KeyCollisions collisions = new KeyCollisions();
        for (int remaining = in.unpackMapHeader(); remaining > 0; remaining--) {
            Object key = read(in, size, depth + 1);
            if (key instanceof Collection || key instanceof Map) {
                throw new DecodeException("key of a map: a collection (expected: a scalar)", null);
            }
            collisions.add(key);
            map.put(key, read(in, size, depth + 1));
        }
        return map;
    }

    /** Checks the length against the remaining bytes before the array is allocated. */
    private static byte[] readPayload(MessageUnpacker in, int length, int size) throws IOException {
        if (length < 0 || length > size - in.getTotalReadBytes()) {
            throw new DecodeException("body: ends within a value of " + length + " bytes", null);
        }
        return in.readPayload(length);
    }

    private static Number narrowest(BigInteger value) {
        if (value.bitLength() < Integer.SIZE) {
            return value.intValue();
        }
        return value.bitLength() < Long.SIZE ? (Number) value.longValue() : value;
    }
}
