package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.RunReport.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class BrokersPageTest {
    @Test
    void publishedPageHasTheDifferencesOfToday() throws Exception {
        Path docs = Path.of(Files.isDirectory(Path.of("docs")) ? "docs" : "../docs");
        assertThat(Files.readString(docs.resolve("brokers.md"))).contains(BrokersPage.differences());
    }

    @Test
    void testsAreCountedByClassAndBroker() {
        List<Result> results = List.of(
                Result.parse("OneIT.a\tBroker-J 1\tran"),
                Result.parse("OneIT.a\tRabbitMQ 4\tfailed"),
                Result.parse("OneIT.b\tRabbitMQ 4\tran"),
                Result.parse("OneIT.b\tBroker-J 1\tit lacks bindings"),
                Result.parse("TwoIT.c\tRabbitMQ 4\tran"));
        assertThat(BrokersPage.page(results, LocalDate.of(2026, 12, 1)))
                .contains("## Run of 2026-12-01")
                .contains("| Class | Broker-J 1 | RabbitMQ 4 |\n| --- | ---: | ---: |\n")
                .contains("| `OneIT` | 1 | 2, 1 failed |\n| `TwoIT` | 0 | 1 |\n| all | 1 | 3, 1 failed |\n")
                .contains("- Broker-J 1: it lacks bindings: `OneIT.b`.\n");
    }
}
