package dev.holdfast.cli.common;

/** A signal that asks a process to end. */
public enum StopSignal {
    SIGHUP(1),
    SIGINT(2),
    SIGTERM(15);

    private final int number;

    StopSignal(int number) {
        this.number = number;
    }

    /** Returns the name without its prefix. */
    String shortName() {
        return name().substring(3);
    }

    /** Returns the exit code of a process that this signal ended, by the convention of shells. */
    public int exitCode() {
        return 128 + number;
    }
}
