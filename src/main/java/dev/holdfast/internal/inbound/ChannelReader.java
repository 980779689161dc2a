package dev.holdfast.internal.inbound;

import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_BODY;
import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_HEADER;
import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_METHOD;

import dev.holdfast.AmqpProtocolException;
import dev.holdfast.DecodeException;
import dev.holdfast.Delivery;
import dev.holdfast.MessageProperties;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.PropertiesCodec;
import dev.holdfast.internal.state.Content;
import dev.holdfast.internal.state.ContentAssembler;
import dev.holdfast.internal.wire.FieldTable;
import dev.holdfast.internal.wire.MalformedException;
import dev.holdfast.internal.wire.WireReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the frames of one channel into methods, deliveries and contents. Acks, and the parts of a delivery that equal
 * the previous delivery, are decoded without allocation.
 *
 * <p>Event loop only.
 */
public final class ChannelReader {
    private static final int ACK_LENGTH = 13;
    private static final int BASIC = BasicMethods.Publish.ID >>> 16;

    /** Offset of the text of the consumer tag in basic.deliver: id(4) length(1). */
    private static final int CONSUMER_TAG_OFFSET = 5;

    /** Offset of the properties in a content header. */
    private static final int PROPERTIES_OFFSET = 12;

    /** Approximate memory of the exception that says why a message cannot be read. */
    private static final int DECODE_ERROR_BYTES = 2048;

    private static final String DELIVER = "basic.deliver";
    private static final byte[] NONE = {};

    private final Sink sink;
    private final ContentAssembler content;

    /** The method of the current content; null for basic.deliver. */
    private @Nullable Method contentMethod;

    /** Id of the method whose frame, or whose content, is being received; meaningless for one without content. */
    private int receiving;

    /** The consumer of the last basic.deliver; null if its tag could not be read. */
    private @Nullable String recipient;

    /** The properties of the current content; null if they cannot be decoded. */
    private @Nullable MessageProperties properties;

    /** Approximate memory of the properties, 0 if they are those of the previous message. */
    private long propertiesBytes;

    /** Why the properties cannot be decoded; meaningless if they can. */
    private @Nullable MalformedException malformed;

    private byte[] encodedHeader = NONE;
    private long deliveryTag;

    /**
     * The last basic.deliver as a delivery without message, and the detectors of its bytes before and after the
     * delivery tag.
     */
    private @Nullable Delivery origin;

    private final RepeatDetector beforeTag = new RepeatDetector();
    private final RepeatDetector afterTag = new RepeatDetector();
    private final CachedShortString consumerTag = new CachedShortString();
    private final CachedShortString exchange = new CachedShortString();
    private final CachedShortString routingKey = new CachedShortString();
    private final RepeatDetector propertyBytes = new RepeatDetector();
    private @Nullable MessageProperties lastProperties;

    /** Receives what was decoded. */
    public interface Sink {
        /** basic.ack, which is not decoded to a method. */
        void ack(long deliveryTag, boolean multiple);

        /**
         * A method other than basic.deliver and basic.ack. Returns whether its content, if it has one, is to be read.
         */
        boolean method(Method method);

        /** basic.deliver was received. Returns whether its content is to be read. */
        boolean takesDelivery();

        /**
         * Whether content frames are processed. If so, a content frame out of order is a protocol violation; otherwise
         * content frames are ignored.
         */
        boolean takesContent();

        /**
         * Creates a delivery without tag and message from the arguments of basic.deliver; called only if they differ
         * from those of the previous one.
         */
        Delivery origin(String consumerTag, boolean redelivered, String exchange, String routingKey);

        /**
         * A complete message for a consumer.
         *
         * @param propertiesBytes approximate memory of its properties, 0 if it shares them with the message before
         */
        void delivered(Delivery delivery, long propertiesBytes);

        /** A method other than basic.deliver with its complete content. */
        void content(Content content);
    }

    public ChannelReader(Sink sink, int maxBodySize) {
        this(sink, new ContentAssembler(maxBodySize));
    }

    /** @param content assembles the bodies of the channel */
    public ChannelReader(Sink sink, ContentAssembler content) {
        this.sink = sink;
        this.content = content;
    }

    /** Decodes a frame whose payload of {@code length} bytes starts at the reader index. */
    public void frame(int type, ByteBuf in, int length) {
        try {
            switch (type) {
                case FRAME_METHOD -> method(in, length);
                case FRAME_HEADER -> header(in, length);
                case FRAME_BODY -> body(in, length);
                default -> throw violation("frame of type " + type + " (expected: method, header or body)", null);
            }
        } catch (ContentAssembler.OutOfOrderException e) {
            throw violation(e.getMessage(), e);
        }
    }

    /**
     * Whether a basic.deliver or basic.get-ok with this id is incomplete, or failed to be decoded: the reason of a link
     * end is that message.
     */
    public boolean isReceiving(int contentMethodId) {
        return receiving == contentMethodId;
    }

    /** The consumer of the basic.deliver that is being received; null if its tag could not be read. */
    public @Nullable String recipient() {
        return recipient;
    }

    /** The channel was closed: drops an incomplete content and the arguments of the last basic.deliver. */
    public void reset() {
        content.reset();
        receiving = 0;
        origin = null;
    }

    private void method(ByteBuf in, int length) {
        int at = in.readerIndex();
        if (length == ACK_LENGTH && !content.isBusy()) {
            // id(4) tag(8) bits(1) in two reads instead of three: each is bounds-checked
            long idAndTag = in.getLong(at);
            long tagAndBits = in.getLong(at + 5);
            long tag = (idAndTag << 32) | ((tagAndBits >>> 8) & 0xFFFF_FFFFL);
            if (idAndTag >>> 32 == BasicMethods.Ack.ID) {
                sink.ack(tag, (tagAndBits & 1) != 0);
                return;
            }
        }
        if (!content.isBusy() && length >= Integer.BYTES) {
            receiving = in.getInt(at);
        }
        if (length > CONSUMER_TAG_OFFSET && in.getInt(at) == BasicMethods.Deliver.ID) {
            deliver(in, at, length);
            return;
        }
        Method method = FrameFormat.readMethod(in, length);
        boolean endsChannel = method instanceof ChannelMethods.Close || method instanceof ChannelMethods.CloseOk;
        if (!endsChannel) {
            content.requireIdle(method.methodName());
        }
        if (method instanceof BasicMethods.Ack ack) { // an ack frame with trailing bytes
            sink.ack(ack.deliveryTag(), ack.multiple());
            return;
        }
        if (sink.method(method) && method.hasContent()) {
            content.begin(method.methodName());
            contentMethod = method;
        } else {
            receiving = 0;
        }
    }

    /** id(4) consumer-tag(short string) delivery-tag(8) bits(1) exchange(short string) routing-key(short string). */
    private void deliver(ByteBuf in, int at, int length) {
        int tagOffset = CONSUMER_TAG_OFFSET + in.getUnsignedByte(at + CONSUMER_TAG_OFFSET - 1);
        if (!isRepeated(in, at, length, tagOffset) || origin == null) {
            origin = null; // a malformed method must not match the next one
            recipient = null;
            origin = origin(new WireReader(in, length));
        }
        content.requireIdle(DELIVER);
        if (sink.takesDelivery()) {
            deliveryTag = in.getLong(at + tagOffset);
            content.begin(DELIVER);
            contentMethod = null;
        } else {
            receiving = 0;
        }
    }

    /** Compares everything but the delivery tag; the detectors store both parts, even if the first differs. */
    private boolean isRepeated(ByteBuf in, int at, int length, int tagOffset) {
        int after = tagOffset + Long.BYTES;
        if (after >= length) {
            return false;
        }
        boolean repeated = beforeTag.isRepeated(in, at, tagOffset);
        return afterTag.isRepeated(in, at + after, length - after) && repeated;
    }

    private Delivery origin(WireReader in) {
        in.readLong();
        String tag = consumerTag.read(in);
        recipient = tag;
        in.readLongLong();
        boolean redelivered = (in.readBits() & 1) != 0;
        return sink.origin(tag, redelivered, exchange.read(in), routingKey.read(in));
    }

    /** class(2) weight(2) body-size(8), then the properties. */
    private void header(ByteBuf in, int length) {
        if (!sink.takesContent()) {
            return;
        }
        if (length < PROPERTIES_OFFSET) {
            throw new MalformedException(
                    "content header: " + length + " bytes (expected: >= " + PROPERTIES_OFFSET + ")");
        }
        int at = in.readerIndex();
        int classAndWeight = in.getInt(at);
        if (classAndWeight != BASIC << Short.SIZE) {
            throw violation(
                    "content header of class " + (classAndWeight >>> Short.SIZE) + ", weight "
                            + (classAndWeight & 0xFFFF) + " (expected: 60, 0)",
                    null);
        }
        boolean complete = content.header(in.getLong(at + 4));
        encodedHeader = contentMethod instanceof BasicMethods.Return ? ByteBufUtil.getBytes(in, at, length) : NONE;
        properties = properties(in, at + PROPERTIES_OFFSET, length - PROPERTIES_OFFSET);
        if (complete) {
            complete();
        }
    }

    /**
     * Decodes the properties; consecutive messages with equal bytes share the object if it is immutable. Properties
     * that cannot be decoded harm only their own message, since the frame itself is intact.
     */
    private @Nullable MessageProperties properties(ByteBuf in, int at, int length) {
        MessageProperties decoded = propertyBytes.isRepeated(in, at, length) ? lastProperties : null;
        propertiesBytes = 0;
        if (decoded == null) {
            propertiesBytes = Content.propertiesMemory(length);
            lastProperties = null; // malformed properties must not match the next ones
            try {
                decoded = PropertiesCodec.decode(new WireReader(in.readerIndex(at), length));
            } catch (MalformedException e) {
                malformed = e;
                return null;
            }
            lastProperties = FieldTable.isImmutable(decoded.headers()) ? decoded : null;
        }
        return decoded;
    }

    private void body(ByteBuf in, int length) {
        if (sink.takesContent()) {
            byte[] body = content.bodyBuffer(length);
            if (body != null) {
                in.getBytes(in.readerIndex(), body, content.filled(), length);
            }
            if (content.added(length)) {
                complete();
            }
        }
    }

    private void complete() {
        Method method = contentMethod;
        Delivery delivery = origin;
        MessageProperties read = properties;
        byte[] body = content.take();
        receiving = 0;
        DecodeException reason = read != null && body != null ? null : unreadable(read == null);
        if (method != null) {
            contentMethod = null;
            sink.content(new Content(method, encodedHeader, read, body, reason));
        } else if (delivery != null) {
            sink.delivered(
                    delivery.with(deliveryTag, read, body, reason),
                    reason == null ? propertiesBytes : propertiesBytes + DECODE_ERROR_BYTES);
        }
    }

    /** Why the current message cannot be read. */
    private DecodeException unreadable(boolean hasMalformedProperties) {
        String bodyRefusal = content.bodyRefusal();
        if (!hasMalformedProperties || malformed == null) {
            return new DecodeException("message cannot be read: " + bodyRefusal, null);
        }
        return new DecodeException(
                "message cannot be read: properties: " + malformed.getMessage()
                        + (bodyRefusal == null ? "" : "; " + bodyRefusal),
                malformed);
    }

    private static AmqpProtocolException violation(@Nullable String message, @Nullable Throwable cause) {
        return new AmqpProtocolException(String.valueOf(message), ReplyCode.UNEXPECTED_FRAME, cause);
    }
}
