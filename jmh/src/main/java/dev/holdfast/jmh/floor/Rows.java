package dev.holdfast.jmh.floor;

import dev.holdfast.jmh.load.Trials;
import java.util.List;

/** All floors, in the order of their table. */
public final class Rows {
    private Rows() {}

    /** Those measured by these trials; {@code quick} shortens what trials do not. */
    public static List<Floor> all(Trials trials, boolean quick) {
        PublishRows publish = new PublishRows(trials);
        LatencyRows latency = new LatencyRows(trials);
        BrokerRows brokers = new BrokerRows(trials);
        CodecRows codec = new CodecRows(quick);
        StalledRow stalled = new StalledRow(quick);
        return List.of(
                new Floor("confirmed", publish::confirmed),
                new Floor("bodies", publish::bodies),
                new Floor("threads", publish::threads),
                new Floor("json", publish::json),
                new Floor("sync", latency::synchronous),
                new Floor("lone", latency::lone),
                new Floor("rabbit", brokers::rabbit),
                new Floor("broker-j", brokers::brokerJ),
                new Floor("acks", codec::acks),
                new Floor("consume", publish::consume),
                new Floor("start", latency::start),
                new Floor("stalled", stalled::measure));
    }
}
