package dev.holdfast.internal.session;

import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_BODY;
import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_HEADER;
import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_METHOD;

import dev.holdfast.AmqpProtocolException;
import dev.holdfast.MessageProperties;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.channel.ContentAssembler;
import dev.holdfast.internal.channel.ContentAssembler.Content;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.PropertiesCodec;
import dev.holdfast.internal.wire.LastSeen;
import dev.holdfast.internal.wire.RepeatedString;
import dev.holdfast.internal.wire.WireReader;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Turns the frames of one channel into methods and contents. Acks of publishes, the one thing that comes by the million,
 * are read where they lie.
 *
 * <p>Event loop only.
 */
final class ChannelReader {
    private static final int ACK_LENGTH = 13;
    private static final int BASIC = BasicMethods.Publish.ID >>> 16;

    private final Sink sink;
    private final ContentAssembler content;
    private final RepeatedString consumerTag = new RepeatedString();
    private final RepeatedString exchange = new RepeatedString();
    private final RepeatedString routingKey = new RepeatedString();
    private final LastSeen propertyBytes = new LastSeen();
    private @Nullable MessageProperties lastProperties;

    /** What comes out. */
    interface Sink {
        /** An ack, before it is made an object. False: it is wanted as a method. */
        boolean ack(long deliveryTag, boolean multiple);

        /** A method; if it announces a content, true says that the content is wanted. */
        boolean method(Method method);

        /** Whether frames of a content count now; one that does not belong here is a violation. */
        boolean takesContent();

        /** A method with its content. */
        void content(Content whole);
    }

    ChannelReader(Sink sink, int maxBodySize) {
        this.sink = sink;
        this.content = new ContentAssembler(maxBodySize);
    }

    /** One frame, its payload at the reader index. */
    void frame(int type, ByteBuf in, int length) {
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

    /** The channel is gone: a content under way is forgotten. */
    void reset() {
        content.reset();
    }

    private void method(ByteBuf in, int length) {
        int at = in.readerIndex();
        if (length == ACK_LENGTH && !content.isBusy()) {
            // id(4) tag(8) bits(1), read twice instead of three times: every look into a buffer is checked
            long idAndTag = in.getLong(at);
            long tagAndBits = in.getLong(at + 5);
            long tag = (idAndTag << 32) | ((tagAndBits >>> 8) & 0xFFFF_FFFFL);
            if (idAndTag >>> 32 == BasicMethods.Ack.ID && sink.ack(tag, (tagAndBits & 1) != 0)) {
                return;
            }
        }
        Method method = length >= 4 && in.getInt(at) == BasicMethods.Deliver.ID
                ? deliver(new WireReader(in, length))
                : FrameFormat.readMethod(in, length);
        boolean endsChannel = method instanceof ChannelMethods.Close || method instanceof ChannelMethods.CloseOk;
        if (content.isBusy() && !endsChannel) {
            content.method(method); // throws: nothing may stand between a method and its content
        }
        if (sink.method(method) && method.hasContent()) {
            content.method(method);
        }
    }

    private void header(ByteBuf in, int length) {
        if (!sink.takesContent()) {
            return;
        }
        WireReader reader = new WireReader(in, length);
        int classId = reader.readShort();
        int weight = reader.readShort();
        if (classId != BASIC || weight != 0) {
            throw violation("content header of class " + classId + ", weight " + weight + " (expected: 60, 0)", null);
        }
        long bodySize = reader.readLongLong();
        tell(content.header(properties(in, reader), bodySize));
    }

    /** A consumer's messages most often differ in nothing but their tag and their body. */
    private Method deliver(WireReader in) {
        in.readLong();
        String tag = consumerTag.read(in);
        long deliveryTag = in.readLongLong();
        boolean redelivered = (in.readBits() & 1) != 0;
        return new BasicMethods.Deliver(tag, deliveryTag, redelivered, exchange.read(in), routingKey.read(in));
    }

    /** Immutable, and so shared by messages that have the same; but a table may hold arrays, which are not. */
    private MessageProperties properties(ByteBuf in, WireReader reader) {
        MessageProperties properties =
                propertyBytes.isRepeated(in, in.readerIndex(), reader.remaining()) ? lastProperties : null;
        if (properties == null) {
            lastProperties = null; // what cannot be decoded stands for nothing the next time either
            properties = PropertiesCodec.decode(reader);
            lastProperties = properties.headers() == null ? properties : null;
        }
        return properties;
    }

    private void body(ByteBuf in, int length) {
        if (sink.takesContent()) {
            tell(content.body(length, (body, at) -> in.getBytes(in.readerIndex(), body, at, length)));
        }
    }

    private void tell(@Nullable Content whole) {
        if (whole != null) {
            sink.content(whole);
        }
    }

    private static AmqpProtocolException violation(@Nullable String what, @Nullable Throwable cause) {
        return new AmqpProtocolException(String.valueOf(what), ReplyCode.UNEXPECTED_FRAME, cause);
    }
}
