package dev.holdfast.jmh.codec;

import com.rabbitmq.client.impl.AMQCommand;
import com.rabbitmq.client.impl.Frame;
import dev.holdfast.MessageProperties;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.PropertiesCodec;
import dev.holdfast.internal.wire.WireWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;

/** Encodes frames as a broker sends them. */
final class Frames {
    static final int CHANNEL = 1;
    static final int FRAME_MAX = 131_072;

    private static final int BASIC = 60;

    private Frames() {}

    /** Acks for {@code messages} messages, one frame per {@code perAck} messages. */
    static byte[] acks(int messages, int perAck) {
        ByteBuf out = Unpooled.buffer(messages / perAck * 21);
        for (int tag = perAck; tag <= messages; tag += perAck) {
            FrameFormat.writeMethod(out, CHANNEL, new BasicMethods.Ack(tag, perAck > 1));
        }
        return ByteBufUtil.getBytes(out);
    }

    /** Deliveries of a body that fits one frame. */
    static byte[] deliveries(int messages, byte[] body, MessageProperties properties) {
        ByteBuf out = Unpooled.buffer();
        for (int tag = 1; tag <= messages; tag++) {
            FrameFormat.writeMethod(
                    out, CHANNEL, new BasicMethods.Deliver("consumer-tag-1", tag, false, "benchmark", "key"));
            int header = FrameFormat.begin(out, FrameFormat.HEADER, CHANNEL);
            out.writeShort(BASIC).writeShort(0).writeLong(body.length);
            PropertiesCodec.encode(properties, new WireWriter(out));
            FrameFormat.end(out, header);
            int payload = FrameFormat.begin(out, FrameFormat.BODY, CHANNEL);
            out.writeBytes(body);
            FrameFormat.end(out, payload);
        }
        return ByteBufUtil.getBytes(out);
    }

    /** Assembles all commands in these bytes with amqp-client's classes, and returns their number. */
    static int commandsByAmqpClient(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        int commands = 0;
        AMQCommand command = new AMQCommand();
        while (in.available() > 0) {
            if (command.handleFrame(Frame.readFrom(in, () -> FRAME_MAX))) {
                command = new AMQCommand();
                commands++;
            }
        }
        return commands;
    }
}
