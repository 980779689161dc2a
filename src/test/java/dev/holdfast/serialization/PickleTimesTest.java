package dev.holdfast.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.DecodeException;
import dev.holdfast.SerializationException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Base64;
import java.util.Calendar;
import java.util.Date;
import java.util.GregorianCalendar;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Dates and times in pickles: the range of Python's types, and its time zones. */
@SuppressWarnings("JavaUtilDate") // bodies of applications have them
class PickleTimesTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    /** A datetime in Europe/Berlin by protocol 4 of Python 3.11, before and behind its 10 bytes. */
    private static final String BEFORE = "8004957f000000000000008c086461746574696d65948c086461746574696d65949394430a";

    private static final String AFTER = "948c086275696c74696e73948c07676574617474729493948c087a6f6e65696e666f948c085a6f"
            + "6e65496e666f9493948c095f756e7069636b6c6594869452948c0d4575726f70652f4265726c696e944b0186945294869452942e";

    private final Serializer pickle = SerializerRegistry.standard().get("pickle");

    @Test
    void yearsThatPythonDoesNotHaveAreRefused() {
        Calendar calendar = new GregorianCalendar(10_000, Calendar.JANUARY, 1);
        Calendar beforeChrist = new GregorianCalendar(5, Calendar.JANUARY, 1);
        beforeChrist.set(Calendar.ERA, GregorianCalendar.BC);
        for (Object value : List.of(
                LocalDate.of(10_000, 1, 1),
                LocalDate.of(0, 12, 31),
                LocalDate.of(-5, 1, 1),
                LocalDateTime.of(10_000, 1, 1, 0, 0),
                OffsetDateTime.of(LocalDateTime.of(0, 1, 1, 0, 0), ZoneOffset.UTC),
                ZonedDateTime.of(LocalDateTime.of(12_345, 1, 1, 0, 0), BERLIN),
                Instant.MIN,
                Instant.parse("+10000-01-01T00:00:00Z"),
                calendar,
                beforeChrist,
                new Date(Long.MIN_VALUE),
                calendar.getTime())) {
            for (Object body : List.of(value, List.of(Map.of("when", value)))) {
                assertThatExceptionOfType(SerializationException.class)
                        .as("%s", value)
                        .isThrownBy(() -> pickle.serialize(body))
                        .withMessageContaining("(expected: 1 to 9999)");
            }
        }
        for (LocalDate date : List.of(LocalDate.of(1, 1, 1), LocalDate.of(9999, 12, 31))) {
            assertThat(read(pickle.serialize(date))).isEqualTo(date);
        }
    }

    @Test
    void durationsOfPythonAreWrittenAndReadBack() {
        for (Duration duration : List.of(
                Duration.ofDays(999_999_999), Duration.ofDays(-999_999_999), Duration.ofMillis(-1), Duration.ZERO)) {
            assertThat(read(pickle.serialize(duration))).isEqualTo(duration);
        }
        for (Duration duration : List.of(Duration.ofDays(1_000_000_000), Duration.ofSeconds(Long.MIN_VALUE / 2))) {
            assertThatExceptionOfType(SerializationException.class)
                    .isThrownBy(() -> pickle.serialize(duration))
                    .withMessageContaining("(expected: at most 999999999 days)");
        }
    }

    /** 02:30 is twice on 27 October, and missing on 31 March: Python takes the offset before the change, or with fold. */
    @Test
    void timesInZonesOfPythonAreReadWithTheOffsetThatPythonTakes() {
        assertBerlin("07e80a1b021e0001e240", "2024-10-27T00:30:00.123456Z");
        assertBerlin("07e88a1b021e0001e240", "2024-10-27T01:30:00.123456Z");
        assertBerlin("07e8031f021e00000000", "2024-03-31T01:30:00Z");
        assertBerlin("07e8831f021e00000000", "2024-03-31T00:30:00Z");
    }

    private void assertBerlin(String state, String instant) {
        assertThat(read(HexFormat.of().parseHex(BEFORE + state + AFTER)))
                .isEqualTo(Instant.parse(instant).atZone(BERLIN));
    }

    @Test
    void zonesAreReadFromEveryProtocol() {
        String latin1 = "c_codecs\nencode\n(V\u0007\u00e8\\u000a\u001b\u0002\u001e\\u0000\u0001\u00e2@\nVlatin1\ntR";
        String zone = "c__builtin__\ngetattr\n(czoneinfo\nZoneInfo\nV_unpickle\ntR(VEurope/Berlin\nI1\ntR";
        String protocol0 = "cdatetime\ndatetime\n(" + latin1 + zone + "tR.";
        assertThat(read(protocol0))
                .isEqualTo(Instant.parse("2024-10-27T00:30:00.123456Z").atZone(BERLIN));
        String protocol2 = "gAJjZGF0ZXRpbWUKZGF0ZXRpbWUKcQBjX2NvZGVjcwplbmNvZGUKcQFYDAAAAAfDqAobAh4AAcOiQHECWAYAAABs"
                + "YXRpbjFxA4ZxBFJxBWNfX2J1aWx0aW5fXwpnZXRhdHRyCnEGY3pvbmVpbmZvClpvbmVJbmZvCnEHWAkAAABfdW5waWNrbGVxCIZx"
                + "CVJxClgNAAAARXVyb3BlL0JlcmxpbnELSwGGcQxScQ2GcQ5ScQ8u";
        assertThat(read(Base64.getDecoder().decode(protocol2)))
                .isEqualTo(Instant.parse("2024-10-27T00:30:00.123456Z").atZone(BERLIN));
        assertThat(read(zone + ".")).isEqualTo(BERLIN);
    }

    @Test
    void timeOfDayNeedsAZoneWithAFixedOffset() {
        String before =
                "cdatetime\ntime\n(I7\nI28\nI0\nI0\nc__builtin__\ngetattr\n(czoneinfo\nZoneInfo\nV_unpickle\ntR(V";
        assertThat(read(before + "UTC\nI1\ntRtR."))
                .isEqualTo(LocalTime.of(7, 28).atOffset(ZoneOffset.UTC));
        assertRefused(before + "Europe/Berlin\nI1\ntRtR.", "fixed offset");
    }

    /** Only getattr(ZoneInfo, "_unpickle") is resolved, and only a call of its result is data. */
    @Test
    void getattrGivesNothingElse() {
        String getattr = "cbuiltins\ngetattr\n";
        assertRefused(getattr + "(czoneinfo\nZoneInfo\nV__init__\ntR.", "getattr");
        assertRefused(getattr + "(cdecimal\nDecimal\nV_unpickle\ntR.", "getattr");
        assertRefused(getattr + "(cbuiltins\nset\nV_unpickle\ntR.", "getattr");
        assertRefused(getattr + "(" + getattr + "V_unpickle\ntR.", "getattr");
        assertRefused(getattr + "(czoneinfo\nZoneInfo\nV_unpickle\nI1\ntR.", "getattr");
        assertRefused(getattr + "(tR.", "getattr");
        assertRefused(getattr + ".", "a class or a function");
        assertRefused(getattr + "(czoneinfo\nZoneInfo\nV_unpickle\ntR.", "a class or a function");
        assertRefused("czoneinfo\nZoneInfo\n.", "a class or a function");
        assertRefused("czoneinfo\nZoneInfo\n(VUTC\ntR.", "ZoneInfo");
        assertRefused("czoneinfo\nreset_tzpath\n(tR.", "zoneinfo.reset_tzpath");
        assertRefused("cos\nsystem\n(Vx\ntR.", "os.system");
        assertRefused(getattr + "(czoneinfo\nZoneInfo\nV_unpickle\ntR(VMars/Phobos\nI1\ntR.", "Mars/Phobos");
        assertRefused(getattr + "(czoneinfo\nZoneInfo\nV_unpickle\ntR(I1\nI1\ntR.", "pickle");
    }

    /** Python pickles half a surrogate pair as three bytes: they are not replaced. */
    @Test
    void textThatIsNotUtf8IsRefused() {
        assertRefused("\u008c\u0005a\u00ed\u00a0\u0080b.", "expected: UTF-8");
        assertRefused("X\u0005\0\0\0a\u00ed\u00a0\u0080b.", "expected: UTF-8");
        assertRefused("\u008d\u0005\0\0\0\0\0\0\0a\u00ed\u00a0\u0080b.", "expected: UTF-8");
        assertRefused("\u008c\u0005ab", "text of 5 bytes");
        assertThat(read("\u008c\u0003\u00e6\u00b0\u00b4.")).isEqualTo("水");
    }

    private void assertRefused(String body, String message) {
        assertThatExceptionOfType(DecodeException.class)
                .as(body)
                .isThrownBy(() -> read(body))
                .withMessageContaining(message);
    }

    private Object read(String body) {
        return read(body.getBytes(StandardCharsets.ISO_8859_1));
    }

    private Object read(byte[] body) {
        return pickle.deserialize(body);
    }
}
