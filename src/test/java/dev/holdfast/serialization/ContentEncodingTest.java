package dev.holdfast.serialization;

import static dev.holdfast.serialization.TestBytes.utf8;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.DecodeException;
import dev.holdfast.SerializerNotInstalledException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Codings and character sets in the property content-encoding. */
class ContentEncodingTest {
    private static final byte[] JSON = utf8("{\"hello\":\"wörld\"}");
    private static final Map<String, String> HELLO = Map.of("hello", "wörld");

    private final CompressorRegistry compressors = CompressorRegistry.standard();
    private final BodyDecoder decoder = new BodyDecoder(SerializerRegistry.standard(), compressors);
    private final BodyEncoder encoder = new BodyEncoder(SerializerRegistry.standard(), compressors);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gzip",
                "GZIP",
                "x-gzip",
                "gzip, UTF-8",
                "gzip:UTF-8",
                "utf-8, gzip",
                "identity,gzip",
                "gzip,binary"
            })
    void gzipIsUndone(String contentEncoding) {
        byte[] body = gzip(JSON);
        assertThat(decode(body, contentEncoding)).isEqualTo(HELLO);
        assertThat(decoder.decompress(body, contentEncoding, null)).isEqualTo(JSON);
    }

    @Test
    void everyCodingIsUndone() {
        assertThat(decode(zlib(JSON, false), "deflate")).isEqualTo(HELLO);
        assertThat(decode(zlib(JSON, true), "deflate"))
                .as("without the zlib header")
                .isEqualTo(HELLO);
        assertThat(decode(zip(JSON), "zip:UTF-8")).isEqualTo(HELLO);
        assertThat(decode(compress("zstd", JSON), "zstd")).isEqualTo(HELLO);
        assertThat(decode(compress("brotli", JSON), "br")).isEqualTo(HELLO);
        for (String name : List.of("brotli", "zlib", "bzip2", "x-bzip2", "xz", "lzma")) {
            String compressor = name.startsWith("x-") ? name.substring(2) : name;
            assertThat(decode(compress(compressor, JSON), name)).as(name).isEqualTo(HELLO);
        }
        byte[] latin1 = gzip("grüße".getBytes(ISO_8859_1));
        assertThat(decoder.decode(latin1, "text/plain", "gzip, ISO-8859-1", null, Accept.safe()))
                .isEqualTo("grüße");
        assertThat(decoder.decode(latin1, "text/plain; charset=latin1", "gzip", null, Accept.safe()))
                .isEqualTo("grüße");
        assertThat(decoder.decode(gzip(new byte[] {-1}), "application/x-protobuf", "gzip", null, Accept.safe()))
                .isEqualTo(new byte[] {-1});
    }

    @Test
    void severalCodingsAreUndoneFromTheLastApplied() {
        byte[] body = gzip(zlib(JSON, false));
        assertThat(decode(body, "deflate, gzip")).as("the order of HTTP").isEqualTo(HELLO);
        assertThat(decode(body, "gzip:deflate:UTF-8")).as("Spring before 2.3").isEqualTo(HELLO);
        assertThat(decode(body, "gzip, deflate, UTF-8")).as("Spring").isEqualTo(HELLO);
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> decode(body, "gzip, deflate"))
                .withMessageStartingWith("body cannot be decompressed as deflate: ");
    }

    @Test
    void kombusHeaderIsUndoneBeforeTheCodings() {
        byte[] body = compress("gzip", gzip(JSON));
        assertThat(decoder.decode(body, "application/json", "gzip", "application/x-gzip", Accept.safe()))
                .isEqualTo(HELLO);
    }

    @Test
    void unknownEncodingIsNamed() {
        byte[] other = {1, 2};
        for (String type : new String[] {null, "text/plain", "application/json"}) {
            assertThatExceptionOfType(DecodeException.class)
                    .isThrownBy(() -> decoder.decode(other, type, "utf-8, Snappy", null, Accept.safe()))
                    .withMessageStartingWith(
                            "content encoding: snappy (expected: a character set, binary, or a coding");
        }
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> decode(JSON, "gzip"))
                .withMessageStartingWith("body cannot be decompressed as gzip: ");
        assertThat(decoder.decode(new byte[0], "application/json", "gzip", null, Accept.safe()))
                .isEqualTo(new byte[0]);
        assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> decode(new byte[] {1}, "deflate"));
        assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> decode(JSON, "zip"));
    }

    @Test
    void unknownEncodingOfASerializedBodyIsNotSent() {
        BodyEncoder encoder = new BodyEncoder(SerializerRegistry.standard(), CompressorRegistry.standard());
        for (String encoding : List.of("gzpi", "gzip, foo")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> encoder.encode(HELLO, "json", null, encoding, null))
                    .withMessageStartingWith("contentEncoding: " + encoding);
        }
        try (EncodedBody encoded = encoder.encode(gzip(JSON), "raw", "application/json", "gzip", null)) {
            assertThat(encoded.contentEncoding()).isEqualTo("gzip");
        }
    }

    @Test
    void unknownEncodingOfAFormatThatCanBeReadIsIgnored() {
        for (String encoding : new String[] {"8bit", "base64", "application/json"}) {
            assertThat(decoder.decode(JSON, "application/json", encoding, null, Accept.safe()))
                    .as(encoding)
                    .isEqualTo(HELLO);
        }
    }

    /** The decompressor of the JDK calls itself for each empty member. */
    @Test
    void manyEmptyMembersAreNoError() {
        byte[] member = gzip(new byte[0]);
        byte[] many = new byte[member.length * 100_000];
        for (int at = 0; at < many.length; at += member.length) {
            System.arraycopy(member, 0, many, at, member.length);
        }
        assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> decode(many, "gzip"));
    }

    @Test
    void limitsApplyToCodingsBySizeOfTheBody() {
        byte[] zeros = new byte[9 << 20];
        byte[] bomb = gzip(zeros);
        byte[] nested = gzip(bomb);
        BodyDecoder strict = new BodyDecoder(SerializerRegistry.standard(), compressors.maxRatio(10));
        for (String coding : List.of("gzip", "deflate", "zstd", "br", "zip")) {
            byte[] body = encoder.encode("0".repeat(9 << 20), null, null, coding, null)
                    .bytes();
            assertThatExceptionOfType(DecodeException.class)
                    .as(coding)
                    .isThrownBy(() -> strict.decode(body, null, coding, null, Accept.safe()))
                    .withMessageStartingWith("body: more than 8388608 bytes decompressed from " + body.length);
        }
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> decoder.decode(nested, null, "gzip, gzip", null, Accept.safe()))
                .withMessageStartingWith("body: more than 8388608 bytes decompressed from " + nested.length);
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> decode(JSON, "gzip,gzip,gzip,gzip"))
                .withMessage("body: compressed 4 times (expected: at most 3)");
    }

    @Test
    void noValueOfTheHeaderIsNoCompression() {
        for (Object none : new Object[] {null, "", false, 0, 0L}) {
            assertThat(decoder.decode(JSON, "application/json", "utf-8", none, Accept.safe()))
                    .as("%s", none)
                    .isEqualTo(HELLO);
        }
        for (Object unknown : List.of(true, 1, "lz4")) {
            assertThatExceptionOfType(SerializerNotInstalledException.class)
                    .isThrownBy(() -> decoder.decode(JSON, "application/json", "utf-8", unknown, Accept.safe()))
                    .withMessageStartingWith("compression: " + unknown);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "x-gzip", "deflate", "zip", "zstd", "br", "gzip, utf-8", "gzip:UTF-8"})
    void codingOfAPublishCompressesTextAndSerializedBodies(String contentEncoding) {
        for (Object body : List.of(HELLO, "grüße")) {
            EncodedBody plain = encoder.encode(body, null, null, null, null);
            EncodedBody encoded = encoder.encode(body, null, null, contentEncoding, null);
            assertThat(encoded.contentType()).isEqualTo(plain.contentType());
            assertThat(encoded.contentEncoding()).isEqualTo(contentEncoding);
            assertThat(encoded.compression()).as("the header of Kombu").isNull();
            assertThat(encoded.bytes()).isNotEqualTo(plain.bytes());
            assertThat(decoder.decode(encoded.bytes(), encoded.contentType(), contentEncoding, null, Accept.safe()))
                    .isEqualTo(body);
        }
        assertThat(encoder.encode(JSON, null, "application/json", contentEncoding, null)
                        .bytes())
                .as("bytes are encoded already")
                .isSameAs(JSON);
    }

    @Test
    void encodingThatDoesNotFitTheBodyIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoder.encode(HELLO, null, null, "gzip", "gzip"))
                .withMessage("contentEncoding: gzip (expected: one coding, and no compression besides it)");
        assertThatIllegalArgumentException().isThrownBy(() -> encoder.encode("x", null, null, "gzip, br", null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoder.encode(HELLO, null, null, "gzip, latin1", null))
                .withMessageStartingWith("charset: ISO-8859-1 in gzip, latin1 (expected: utf-8");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoder.encode(HELLO, null, "application/json; charset=latin1", null, null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoder.encode("x", null, "text/html; charset=klingon", null, null));
    }

    @Test
    void contentTypeSerializesOtherBodiesAndGivesTheCharacterSetOfText() {
        EncodedBody envelope =
                encoder.encode(HELLO, null, "application/vnd.masstransit+json; charset=utf-8", null, null);
        assertThat(envelope.bytes()).isEqualTo(JSON);
        assertThat(envelope.contentType()).isEqualTo("application/vnd.masstransit+json; charset=utf-8");
        assertThat(envelope.contentEncoding()).isEqualTo("utf-8");
        assertThat(encoder.encode(List.of(1), "yaml", "application/yaml", null, null)
                        .contentType())
                .isEqualTo("application/yaml");
        EncodedBody text = encoder.encode("grüße", null, "text/html; charset=iso-8859-1", null, null);
        assertThat(text.bytes()).isEqualTo("grüße".getBytes(ISO_8859_1));
        assertThat(text.contentEncoding()).isEqualTo("iso-8859-1");
    }

    private Object decode(byte[] body, String contentEncoding) {
        return decoder.decode(body, "application/json", contentEncoding, null, Accept.safe());
    }

    private byte[] compress(String compressor, byte[] bytes) {
        return encoder.encode(bytes, null, null, null, compressor).bytes();
    }

    static byte[] gzip(byte[] bytes) {
        return written(bytes, GZIPOutputStream::new);
    }

    private static byte[] zlib(byte[] bytes, boolean bare) {
        return written(bytes, out -> new DeflaterOutputStream(out, new Deflater(Deflater.DEFAULT_COMPRESSION, bare)));
    }

    private static byte[] zip(byte[] bytes) {
        return written(bytes, out -> {
            ZipOutputStream zip = new ZipOutputStream(out);
            zip.putNextEntry(new ZipEntry("zipped"));
            return zip;
        });
    }

    private interface Wrapper {
        OutputStream wrap(OutputStream out) throws IOException;
    }

    private static byte[] written(byte[] bytes, Wrapper wrapper) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream compressing = wrapper.wrap(out)) {
            compressing.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
