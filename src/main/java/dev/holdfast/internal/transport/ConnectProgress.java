package dev.holdfast.internal.transport;

/** Receives the progress of a connect, on its event loop. */
public interface ConnectProgress {
    /** TCP is connected. */
    void connected();

    /** The broker has sent its first method. The login follows, unless this method cancels the connect. */
    void answered();

    /** Ignores the progress. */
    static ConnectProgress ignored() {
        return new ConnectProgress() {
            @Override
            public void connected() {}

            @Override
            public void answered() {}
        };
    }
}
