package dev.holdfast.internal.inbound;

import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_BODY;
import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_HEADER;
import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_METHOD;

import dev.holdfast.AmqpProtocolException;
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
import org.jspecify.annotations.Nullable;

/**
 * Turns the frames of one channel into methods, deliveries and contents. What comes by the million is read where it lies:
 * acks of publishes, and of deliveries what does not differ from the one before.
 *
 * <p>Event loop only.
 */
public final class ChannelReader {
    private static final int ACK_LENGTH = 13;
    private static final int BASIC = BasicMethods.Publish.ID >>> 16;

    /** basic.deliver up to the text of its consumer tag: id(4) length(1). */
    private static final int CONSUMER_TAG = 5;

    /** Where the properties stand in a content header. */
    private static final int PROPERTIES = 12;

    private static final String DELIVER = "basic.deliver";

    private final Sink sink;
    private final ContentAssembler content;

    /** What announced the content under way; null for a delivery. */
    private @Nullable Method announced;

    private MessageProperties properties = MessageProperties.EMPTY;
    private long deliveryTag;

    /** The delivery before without its message, and its bytes before the delivery tag and behind it. */
    private @Nullable Delivery origin;

    private final RepeatDetector beforeTag = new RepeatDetector();
    private final RepeatDetector behindTag = new RepeatDetector();
    private final CachedShortString consumerTag = new CachedShortString();
    private final CachedShortString exchange = new CachedShortString();
    private final CachedShortString routingKey = new CachedShortString();
    private final RepeatDetector propertyBytes = new RepeatDetector();
    private @Nullable MessageProperties lastProperties;

    /** What comes out. */
    public interface Sink {
        /** basic.ack, which is not decoded to a method. */
        void ack(long deliveryTag, boolean multiple);

        /**
         * A method other than basic.deliver and basic.ack; if it announces a content, true says that the content is
         * wanted.
         */
        boolean method(Method method);

        /** basic.deliver came: whether it is wanted. */
        boolean takesDelivery();

        /** Whether frames of a content count now; one that does not belong here is a violation. */
        boolean takesContent();

        /** What basic.deliver says but for its tag, as a delivery without a message; asked when it is not what it was. */
        Delivery origin(String consumerTag, boolean redelivered, String exchange, String routingKey);

        /** A message for a consumer. */
        void delivered(Delivery delivery);

        /** Another method with its content. */
        void content(Content whole);
    }

    public ChannelReader(Sink sink, int maxBodySize) {
        this.sink = sink;
        this.content = new ContentAssembler(maxBodySize);
    }

    /** One frame, its payload at the reader index. */
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

    /** The channel is gone: a content under way is forgotten, and so is where deliveries came from. */
    public void reset() {
        content.reset();
        origin = null;
    }

    private void method(ByteBuf in, int length) {
        int at = in.readerIndex();
        if (length == ACK_LENGTH && !content.isBusy()) {
            // id(4) tag(8) bits(1), read twice instead of three times: every look into a buffer is checked
            long idAndTag = in.getLong(at);
            long tagAndBits = in.getLong(at + 5);
            long tag = (idAndTag << 32) | ((tagAndBits >>> 8) & 0xFFFF_FFFFL);
            if (idAndTag >>> 32 == BasicMethods.Ack.ID) {
                sink.ack(tag, (tagAndBits & 1) != 0);
                return;
            }
        }
        if (length > CONSUMER_TAG && in.getInt(at) == BasicMethods.Deliver.ID) {
            deliver(in, at, length);
            return;
        }
        Method method = FrameFormat.readMethod(in, length);
        boolean endsChannel = method instanceof ChannelMethods.Close || method instanceof ChannelMethods.CloseOk;
        if (!endsChannel) {
            content.requireIdle(method.methodName());
        }
        if (method instanceof BasicMethods.Ack ack) { // longer than its arguments
            sink.ack(ack.deliveryTag(), ack.multiple());
            return;
        }
        if (sink.method(method) && method.hasContent()) {
            content.begin(method.methodName());
            announced = method;
        }
    }

    /** id(4) consumer-tag(short string) delivery-tag(8) bits(1) exchange(short string) routing-key(short string). */
    private void deliver(ByteBuf in, int at, int length) {
        int before = CONSUMER_TAG + in.getUnsignedByte(at + CONSUMER_TAG - 1);
        if (!isRepeated(in, at, length, before) || origin == null) {
            origin = null; // what cannot be decoded stands for nothing the next time
            origin = origin(new WireReader(in, length));
        }
        content.requireIdle(DELIVER);
        if (sink.takesDelivery()) {
            deliveryTag = in.getLong(at + before);
            content.begin(DELIVER);
            announced = null;
        }
    }

    /** All of it but the delivery tag; both parts are remembered in any case. */
    private boolean isRepeated(ByteBuf in, int at, int length, int before) {
        int behind = before + Long.BYTES;
        if (behind >= length) {
            return false;
        }
        boolean first = beforeTag.isRepeated(in, at, before);
        return behindTag.isRepeated(in, at + behind, length - behind) && first;
    }

    private Delivery origin(WireReader in) {
        in.readLong();
        String tag = consumerTag.read(in);
        in.readLongLong();
        boolean redelivered = (in.readBits() & 1) != 0;
        return sink.origin(tag, redelivered, exchange.read(in), routingKey.read(in));
    }

    /** class(2) weight(2) body-size(8), then the properties. */
    private void header(ByteBuf in, int length) {
        if (!sink.takesContent()) {
            return;
        }
        if (length < PROPERTIES) {
            throw new MalformedException("content header: " + length + " bytes (expected: >= " + PROPERTIES + ")");
        }
        int at = in.readerIndex();
        int classAndWeight = in.getInt(at);
        if (classAndWeight != BASIC << Short.SIZE) {
            throw violation(
                    "content header of class " + (classAndWeight >>> Short.SIZE) + ", weight "
                            + (classAndWeight & 0xFFFF) + " (expected: 60, 0)",
                    null);
        }
        boolean whole = content.header(in.getLong(at + 4));
        properties = properties(in, at + PROPERTIES, length - PROPERTIES);
        if (whole) {
            tell();
        }
    }

    /** Immutable, and so shared by messages that have the same. */
    private MessageProperties properties(ByteBuf in, int at, int length) {
        MessageProperties known = propertyBytes.isRepeated(in, at, length) ? lastProperties : null;
        if (known == null) {
            lastProperties = null; // as above
            known = PropertiesCodec.decode(new WireReader(in.readerIndex(at), length));
            lastProperties = FieldTable.isImmutable(known.headers()) ? known : null;
        }
        return known;
    }

    private void body(ByteBuf in, int length) {
        if (sink.takesContent()) {
            byte[] body = content.room(length);
            in.getBytes(in.readerIndex(), body, content.filled(), length);
            if (content.added(length)) {
                tell();
            }
        }
    }

    private void tell() {
        Method method = announced;
        Delivery cameAs = origin;
        byte[] body = content.take();
        if (method != null) {
            announced = null;
            sink.content(new Content(method, properties, body));
        } else if (cameAs != null) {
            sink.delivered(cameAs.with(deliveryTag, properties, body));
        }
    }

    private static AmqpProtocolException violation(@Nullable String what, @Nullable Throwable cause) {
        return new AmqpProtocolException(String.valueOf(what), ReplyCode.UNEXPECTED_FRAME, cause);
    }
}
