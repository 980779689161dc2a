package dev.holdfast.internal.concurrent;

/** Runs steps of which each must be taken, whatever another one throws: the end of a link or of a connection. */
public final class Steps {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private Steps() {}

    /** Runs all steps in order. What one of them throws is logged. */
    public static void runAll(Runnable... steps) {
        for (Runnable step : steps) {
            try {
                step.run();
            } catch (RuntimeException | Error e) {
                LOG.log(System.Logger.Level.ERROR, "a step of the end of a link or connection failed", e);
            }
        }
    }
}
