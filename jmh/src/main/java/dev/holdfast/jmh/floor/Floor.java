package dev.holdfast.jmh.floor;

import java.util.List;

/**
 * A measurement and the floors that its figures must reach.
 *
 * @param name selects it with {@code --rows}
 */
public record Floor(String name, Measurement measurement) {
    /** One line of the table: the subject, the required figure and the measured one. */
    public record FloorResult(String name, String floor, String figure, boolean reached) {}

    /** Takes the measurement. */
    public interface Measurement {
        List<FloorResult> measure() throws Exception;
    }

    /** Takes the measurement. */
    public List<FloorResult> measure() throws Exception {
        return measurement.measure();
    }
}
