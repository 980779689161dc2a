package dev.holdfast.cli.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class KeyValueTest {
    @Test
    void infersTheTypeOfAHeaderFromItsText() {
        assertThat(KeyValue.typed("true")).isEqualTo(true);
        assertThat(KeyValue.typed("-17")).isEqualTo(-17);
        assertThat(KeyValue.typed("5000000000")).isEqualTo(5_000_000_000L);
        assertThat(KeyValue.typed("007")).isEqualTo("007");
        assertThat(KeyValue.typed("1.5")).isEqualTo("1.5");
        assertThat(KeyValue.typed("")).isEqualTo("");
    }

    @Test
    void tableHasTheLastValueOfAKey() {
        assertThat(KeyValue.table(List.of(new KeyValue("a", "1"), new KeyValue("b", "x"), new KeyValue("a", "2"))))
                .containsEntry("a", 2)
                .containsEntry("b", "x")
                .hasSize(2);
    }
}
