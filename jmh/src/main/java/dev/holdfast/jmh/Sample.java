package dev.holdfast.jmh;

/** The figures of one measurement; {@code sent} includes the messages of the warm-up. */
record Sample(long sent, double perSecond, double cpuMicros, double threadMicros, double heapBytes) {
    /** Formats one line for {@link #parse}. */
    String line() {
        return sent + " " + perSecond + " " + cpuMicros + " " + threadMicros + " " + heapBytes;
    }

    static Sample parse(String line) {
        String[] parts = line.split(" ", -1);
        return new Sample(
                Long.parseLong(parts[0]),
                Double.parseDouble(parts[1]),
                Double.parseDouble(parts[2]),
                Double.parseDouble(parts[3]),
                Double.parseDouble(parts[4]));
    }
}
