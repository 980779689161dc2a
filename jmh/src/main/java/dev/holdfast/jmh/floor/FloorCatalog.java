package dev.holdfast.jmh.floor;

import dev.holdfast.jmh.load.Trials;
import java.util.List;

/** All floors, in the order of the table. */
public final class FloorCatalog {
    private FloorCatalog() {}

    /** Creates the floors; {@code quick} shortens the measurements that {@code trials} does not control. */
    public static List<Floor> all(Trials trials, boolean quick) {
        PublishFloors publish = new PublishFloors(trials);
        LatencyFloors latency = new LatencyFloors(trials);
        BrokerFloors brokers = new BrokerFloors(trials);
        CodecFloors codec = new CodecFloors(quick);
        StalledPeerFloor stalled = new StalledPeerFloor(quick);
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
                new Floor("stalled", stalled::measure),
                new Floor("idle", new IdleFloor()::measure));
    }
}
