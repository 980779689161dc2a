package dev.holdfast.cli.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConfirmedPrefixTest {
    @Test
    void messageWithoutAConfirmEndsThePrefix() {
        ConfirmedPrefix prefix = new ConfirmedPrefix();
        assertThat(prefix.length()).isZero();
        for (long number : new long[] {1, 2, 4, 5}) {
            prefix.add(number);
        }
        assertThat(prefix.length()).isEqualTo(2);
        prefix.add(3);
        assertThat(prefix.length()).isEqualTo(5);
    }

    @Test
    void prefixIsExactForConfirmsInAnyOrder() {
        Random random = new Random(7);
        ConfirmedPrefix prefix = new ConfirmedPrefix();
        Set<Long> confirmed = new HashSet<>();
        for (long block = 0; block < 50; block++) { // each block reorders a window, as late confirms do
            List<Long> numbers = new ArrayList<>();
            for (long i = 1; i <= 20; i++) {
                numbers.add(20 * block + i);
            }
            Collections.shuffle(numbers, random);
            for (long number : numbers) {
                prefix.add(number);
                confirmed.add(number);
                long expected = 0;
                while (confirmed.contains(expected + 1)) {
                    expected++;
                }
                assertThat(prefix.length()).isEqualTo(expected);
            }
        }
    }
}
