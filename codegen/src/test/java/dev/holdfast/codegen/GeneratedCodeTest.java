package dev.holdfast.codegen;

import static dev.holdfast.codegen.Reflection.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles the generated code with warnings as errors and runs it on stubs that record each write. */
class GeneratedCodeTest {
    @TempDir
    private static Path folder;

    private static Compiled code;

    @BeforeAll
    static void compile() throws IOException, URISyntaxException {
        code = Compiled.of(ProtocolFile.PATH, folder.resolve("protocol"));
    }

    @AfterAll
    static void close() {
        code.close();
    }

    @Test
    void encodesReservedFieldsAndPackedBits() {
        Object declare = create(
                "internal.protocol.QueueMethods$Declare", "video", true, false, true, false, true, Map.of("k", "v"));

        assertThat(encode(declare)).isEqualTo(List.of("short=0", "shortstr=video", "bits=21", "table=v"));
        assertThat(call(declare, "methodName")).isEqualTo("queue.declare");
        assertThat(call(declare, "id")).isEqualTo(50 << 16 | 10);
        assertThat(call(declare, "synchronous")).isEqualTo(true);
        assertThat(call(declare, "hasContent")).isEqualTo(false);
    }

    @Test
    void decodesTheEncodedMethod() {
        Object declare =
                create("internal.protocol.QueueMethods$Declare", "video", false, true, false, true, false, Map.of());

        assertThat(decode(50, 10, encode(declare))).isEqualTo(declare);
    }

    @Test
    void methodsWithoutArgumentsAreSingletons() {
        Object empty = decode(60, 72, List.of("shortstr=dropped"));

        assertThat(empty).isInstanceOf(Enum.class).hasToString("INSTANCE");
        assertThat(encode(empty)).isEqualTo(List.of("shortstr="));
        assertThat(call(empty, "methodName")).isEqualTo("basic.get-empty");
        assertThat(encode(decode(20, 11, List.of("longstr=")))).isEqualTo(List.of("longstr="));
    }

    @Test
    void argumentsDoNotHideTheMethodsOwnNumbers() {
        Object close = create("internal.protocol.ChannelMethods$Close", 404, "NOT_FOUND", 50, 20);

        assertThat(call(close, "classId")).isEqualTo(20);
        assertThat(call(close, "methodId")).isEqualTo(40);
        assertThat(call(close, "classId_")).isEqualTo(50);
        assertThat(call(close, "methodId_")).isEqualTo(20);
    }

    @Test
    void namesClassAndMethodOfAnUnknownMethod() {
        assertThatThrownBy(() -> decode(60, 999, List.of()))
                .hasMessage("unknown method: class 60, method 999 (expected: a method of AMQP 0-9-1)");
    }

    @Test
    void toStringMasksSecrets() {
        Object secret = callStatic("internal.wire.LongString", "of", "guest");
        Object startOk = create("internal.protocol.ConnectionMethods$StartOk", Map.of(), "PLAIN", secret, "en_US");

        assertThat(startOk).hasToString("StartOk[clientProperties={}, mechanism=PLAIN, response=***, locale=en_US]");
    }

    @Test
    void encodesPropertiesAsFlagsThenValues() {
        Object properties = with(empty(), "contentType", "text/plain");
        properties = with(properties, "deliveryMode", 2);
        properties = with(properties, "reserved", "");
        Object out = create("internal.wire.WireWriter");
        callStatic("internal.protocol.PropertiesCodec", "encode", properties, out);

        assertThat(call(out, "values"))
                .isEqualTo(List.of("short=" + 0x9004, "shortstr=text/plain", "octet=2", "shortstr="));
        assertThat(decodeProperties(List.of("short=" + 0x9004, "shortstr=text/plain", "octet=2", "shortstr=")))
                .isEqualTo(properties)
                .hasSameHashCodeAs(properties)
                .isNotEqualTo(empty());
    }

    @Test
    void skipsEmptyFlagWords() {
        assertThat(decodeProperties(List.of("short=" + 0x8001, "short=1", "short=0", "shortstr=text/plain")))
                .hasToString("MessageProperties{contentType=text/plain}");
    }

    @Test
    void rejectsUnknownFlags() {
        assertThatThrownBy(() -> decodeProperties(List.of("short=2")))
                .hasMessage("property flags: unknown bits 0x2 (expected: only those of the 14 properties)");
        assertThatThrownBy(() -> decodeProperties(List.of("short=1", "short=" + 0x8000)))
                .hasMessageContaining("unknown bits 0x8000");
    }

    @Test
    void propertiesCopyTheHeaders() {
        Map<String, Object> headers = new LinkedHashMap<>();
        headers.put("k", "v");
        Object properties = with(empty(), "headers", headers);
        headers.put("k", "changed");

        assertThat(call(properties, "headers")).isEqualTo(Map.of("k", "v"));
        assertThat(call(with(properties, "headers", null), "headers")).isEqualTo(Map.of());
        assertThat(call(empty(), "headers")).isEqualTo(Map.of());
        assertThat(with(properties, "headers", Map.of())).isEqualTo(empty());
    }

    @Test
    void timestampsAreTruncatedToSeconds() {
        Object properties = with(empty(), "timestamp", Instant.parse("2026-01-02T03:04:05.678Z"));

        assertThat(call(properties, "timestamp")).isEqualTo(Instant.parse("2026-01-02T03:04:05Z"));
    }

    @Test
    void rejectsValuesOutsideAnOctet() {
        assertThatThrownBy(() -> with(empty(), "priority", 256))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("priority: 256 (expected: 0 to 255)");
        assertThatThrownBy(() -> with(empty(), "deliveryMode", -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void toStringTruncatesLongHeaders() {
        Map<String, Object> headers = new LinkedHashMap<>();
        headers.put("short", 7);
        headers.put("exact", "x".repeat(64));
        headers.put("long", "y".repeat(65));
        headers.put("bytes", new byte[3]);
        headers.put("void", null);

        assertThat(with(empty(), "headers", headers))
                .hasToString("MessageProperties{headers={short=7, exact=" + "x".repeat(64) + ", long=" + "y".repeat(64)
                        + "..., bytes=3 bytes, void=null}}");
    }

    @Test
    void replyCodesHaveTheirScope() {
        assertScope(200, "REPLY_SUCCESS", "NONE");
        assertScope(404, "NOT_FOUND", "CHANNEL");
        assertScope(501, "FRAME_ERROR", "CONNECTION");
        assertThat(callStatic("ReplyCode", "of", 542)).isNull();
    }

    @Test
    void codeFromAnotherProtocolFileCompiles() throws IOException, URISyntaxException {
        Path bits = Path.of("src", "test", "resources", "specs", "bits.xml");
        try (Compiled other = Compiled.of(bits, folder.resolve("bits"))) {
            assertThat(other.type("internal.protocol.BitsMethods$Pack").getRecordComponents())
                    .extracting(component -> component.getName())
                    .containsExactly(
                            "one", "three", "four", "five", "six", "seven", "eight", "nine", "class_", "methodId_");
        }
    }

    private static void assertScope(int number, String name, String scope) {
        Object code = callStatic("ReplyCode", "of", number);
        assertThat(code).hasToString(name);
        assertThat(call(code, "code")).isEqualTo(number);
        assertThat(call(code, "scope")).hasToString(scope);
    }

    private static Object empty() {
        try {
            return code.type("MessageProperties").getField("EMPTY").get(null);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private static Object with(Object properties, String name, Object value) {
        return call(properties, name, value);
    }

    private static Object encode(Object method) {
        Object out = create("internal.wire.WireWriter");
        call(method, "encode", out);
        return call(out, "values");
    }

    private static Object decode(int classId, int methodId, Object values) {
        Object in = create("internal.wire.WireReader", values);
        Object method = callStatic("internal.protocol.MethodDecoder", "decode", classId, methodId, in);
        assertThat(call(in, "remaining")).isEqualTo(0);
        return method;
    }

    private static Object decodeProperties(List<String> values) {
        return callStatic("internal.protocol.PropertiesCodec", "decode", create("internal.wire.WireReader", values));
    }

    private static Object create(String type, Object... arguments) {
        return Reflection.create(code.type(type), arguments);
    }

    private static Object callStatic(String type, String name, Object... arguments) {
        return Reflection.callStatic(code.type(type), name, arguments);
    }
}
