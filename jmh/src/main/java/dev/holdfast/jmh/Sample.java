package dev.holdfast.jmh;

/** What one measurement found. {@code sent} counts the warm-up too. */
record Sample(long sent, double perSecond, double cpuMicros, double threadMicros, double heapBytes) {
    /** One line that {@link #parse} reads. */
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
