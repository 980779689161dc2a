package dev.holdfast.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Address;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Failover;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AddressSelectorTest {
    private static final ConnectionOptions THREE = ConnectionOptions.parse("amqp://a:1,b:2,c:3");
    private static final Address A = new Address("a", 1);
    private static final Address B = new Address("b", 2);
    private static final Address C = new Address("c", 3);

    @Test
    void aRoundBeginsAfterTheBrokerThatWasLinkedLast() {
        AddressSelector addresses = new AddressSelector(THREE);

        assertThat(addresses.round()).containsExactly(A, B, C);
        assertThat(addresses.round()).containsExactly(A, B, C);
        addresses.linked(A);
        assertThat(addresses.round()).containsExactly(B, C, A);
        addresses.linked(C);
        assertThat(addresses.round()).containsExactly(A, B, C);
    }

    @Test
    void shufflesAnewForEachRound() {
        AddressSelector addresses = new AddressSelector(THREE.failover(Failover.SHUFFLE));
        Set<List<Address>> orders = new HashSet<>();

        for (int round = 0; round < 200; round++) {
            List<Address> order = addresses.round();
            assertThat(order).containsExactlyInAnyOrder(A, B, C);
            orders.add(order);
        }
        assertThat(orders).hasSize(6);
    }

    @Test
    void triesEveryBrokerOnceWhateverTheOrderSays() {
        Address foreign = new Address("d", 4);

        assertThat(round(all -> List.of(C, foreign, C))).containsExactly(C, A, B);
        assertThat(round(all -> List.of())).containsExactly(A, B, C);
        assertThat(round(all -> null)).containsExactly(A, B, C);
        assertThat(round(all -> {
                    all.clear();
                    return all;
                }))
                .containsExactly(A, B, C);
    }

    private static List<Address> round(Failover failover) {
        return new AddressSelector(THREE.failover(failover)).round();
    }
}
