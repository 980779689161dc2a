package dev.holdfast.jmh.floor;

import java.util.List;

/**
 * A measurement with one floor or several.
 *
 * @param name what it is asked for by
 */
public record Floor(String name, Measuring measuring) {
    /** One line of the table. */
    public record Reached(String what, String floor, String figure, boolean yes) {}

    /** How it is measured. */
    public interface Measuring {
        List<Reached> measure() throws Exception;
    }

    /** Measures it now. */
    public List<Reached> measure() throws Exception {
        return measuring.measure();
    }
}
