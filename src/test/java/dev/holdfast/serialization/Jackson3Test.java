package dev.holdfast.serialization;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.holdfast.SerializationException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.BigIntegerNode;
import tools.jackson.databind.node.DecimalNode;
import tools.jackson.databind.util.TokenBuffer;

/** JSON by a mapper of the application. */
class Jackson3Test {
    private static final UUID ID = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");

    record Money(long cents) {}

    @Test
    void envelopesAreAddedToTheMapper() {
        JsonMapper mapper = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.UPPER_CAMEL_CASE)
                .build();
        Json custom = Jackson3.kombu(mapper);

        assertThat(mapper.registeredModules()).isEmpty();
        assertThat(write(custom, new Money(1))).isEqualTo("{\"Cents\":1}");
        assertThat(write(custom, ID)).contains("__type__");
        assertThat(custom.deserialize(custom.serialize(List.of(ID)))).isEqualTo(List.of(ID));
    }

    @Test
    void mapperAloneHasNoEnvelopesAndNoTypes() {
        Map<String, Object> envelope = Map.of("__type__", "date", "__value__", "2015-10-21");
        Json json = Jackson3.plain(new JsonMapper());
        assertThat(json.deserialize(json.serialize(envelope))).isEqualTo(envelope);
        assertThatIllegalStateException()
                .isThrownBy(() -> json.with(Money.class, null, Money::cents, value -> new Money(0)))
                .withMessageContaining("expected: Json.kombu()");
    }

    @Test
    void limitsOfAMapperApplyToWhatItWrites() {
        StreamReadConstraints constraints = StreamReadConstraints.builder()
                .maxNameLength(10)
                .maxStringLength(40)
                .maxNumberLength(30)
                .build();
        Json json = Jackson3.plain(new JsonMapper(
                JsonFactory.builder().streamReadConstraints(constraints).build()));
        Object within = Map.of("n".repeat(10), List.of("s".repeat(40), BigInteger.TEN.pow(29)));
        assertThat(json.deserialize(json.serialize(within))).isEqualTo(within);
        assertRefused(json, Map.of("n".repeat(11), 1), "10 bytes of UTF-8");
        assertRefused(json, "s".repeat(41), "40 characters");
        assertRefused(json, new byte[100], "40 characters");
        assertRefused(json, BigInteger.TEN.pow(30), "30 digits");
    }

    @Test
    void numbersOfTreesAreLimited() {
        BigInteger thousandDigits = BigInteger.TEN.pow(1000);
        for (Json json : List.of(Jackson3.kombu(), Jackson3.plain())) {
            assertRefused(json, BigIntegerNode.valueOf(thousandDigits), "1000 digits");
            assertRefused(json, DecimalNode.valueOf(new BigDecimal(thousandDigits.shiftLeft(10), 5)), "1000 digits");
        }
    }

    @Test
    void textOfABufferIsChecked() {
        TokenBuffer buffer = TokenBuffer.forGeneration();
        buffer.writeStartArray();
        buffer.writeString("a\ud800b");
        buffer.writeEndArray();
        assertRefused(Jackson3.kombu(), buffer, "half a surrogate pair at 1");
    }

    private static void assertRefused(Json json, Object value, String message) {
        assertThatExceptionOfType(SerializationException.class)
                .isThrownBy(() -> json.serialize(value))
                .withMessageContaining(message);
    }

    private static String write(Json json, Object value) {
        return new String(json.serialize(value), UTF_8);
    }
}
