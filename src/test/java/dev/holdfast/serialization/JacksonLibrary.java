package dev.holdfast.serialization;

/** The libraries that JSON goes by. Tests of JSON run once with each. */
enum JacksonLibrary {
    JACKSON_2 {
        @Override
        Json plain() {
            return Jackson2.plain();
        }

        @Override
        Json kombu() {
            return Jackson2.kombu();
        }
    },
    JACKSON_3 {
        @Override
        Json plain() {
            return Jackson3.plain();
        }

        @Override
        Json kombu() {
            return Jackson3.kombu();
        }
    };

    abstract Json plain();

    abstract Json kombu();
}
