package dev.holdfast.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.MessageProperties;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.PropertiesCodec;
import dev.holdfast.internal.wire.WireReader;
import dev.holdfast.internal.wire.WireWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Decodes and encodes the frames in {@code vectors}, one a file with a comment per field, to the same bytes. */
class VectorsTest {
    private static final Path FOLDER = folder();

    static Stream<String> vectors() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".hex"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void decodingAndEncodingReproducesTheBytes(String name) throws IOException {
        byte[] vector = read(FOLDER.resolve(name));
        assertSame(vector, recoded(vector, vector.length));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void decodingByteByByteAndEncodingReproducesTheBytes(String name) throws IOException {
        byte[] vector = read(FOLDER.resolve(name));
        assertSame(vector, recoded(vector, 1));
    }

    @Test
    void typesThatAreOnlyReadAreDecoded() throws IOException {
        ByteBuf in = Unpooled.wrappedBuffer(read(FOLDER.resolve("inbound/header-table-types-only-read.hex")));
        in.skipBytes(FrameFormat.PREFIX_SIZE + 12);
        Map<String, Object> headers = PropertiesCodec.decode(new WireReader(in)).headers();
        assertThat(headers)
                .containsEntry("b", (byte) -1)
                .containsEntry("s", (short) -2)
                .containsEntry("B", (short) 255)
                .containsEntry("u", 65535)
                .containsEntry("i", 4294967295L)
                .containsEntry("L", -1L)
                .containsEntry("S", new byte[] {(byte) 0xC3, 0x28});
    }

    private static byte[] recoded(byte[] vector, int piece) {
        ByteBuf out = Unpooled.buffer();
        EmbeddedChannel channel = new EmbeddedChannel(
                new FrameDecoder(1 << 17, (type, number, in, length) -> recode(type, number, in, length, out)));
        for (int i = 0; i < vector.length; i += piece) {
            channel.writeInbound(Unpooled.copiedBuffer(vector, i, piece));
        }
        channel.finishAndReleaseAll();
        return ByteBufUtil.getBytes(out);
    }

    private static void recode(int type, int channel, ByteBuf in, int length, ByteBuf out) {
        if (type == FrameFormat.METHOD) {
            FrameFormat.writeMethod(out, channel, FrameFormat.readMethod(in, length));
            return;
        }
        int payload = FrameFormat.begin(out, type, channel);
        if (type == FrameFormat.HEADER) {
            out.writeBytes(in, 12);
            MessageProperties properties = PropertiesCodec.decode(new WireReader(in));
            PropertiesCodec.encode(properties, new WireWriter(out));
        } else {
            out.writeBytes(in);
        }
        FrameFormat.end(out, payload);
    }

    private static void assertSame(byte[] expected, byte[] actual) {
        assertThat(dump(actual)).isEqualTo(dump(expected));
    }

    private static String dump(byte[] bytes) {
        return ByteBufUtil.prettyHexDump(Unpooled.wrappedBuffer(bytes));
    }

    private static Path folder() {
        try {
            return Path.of(VectorsTest.class.getResource("/vectors").toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] read(Path file) throws IOException {
        StringBuilder hex = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
            hex.append(line.replaceAll("#.*", "").replaceAll("\\s", ""));
        }
        return ByteBufUtil.decodeHexDump(hex);
    }
}
