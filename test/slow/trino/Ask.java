import static io.trino.testing.TestingSession.testSessionBuilder;

import io.trino.Session;
import io.trino.spi.type.TimeZoneKey;
import io.trino.testing.LocalQueryRunner;
import io.trino.testing.MaterializedResult;
import io.trino.testing.MaterializedRow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Runs each `name.sql` of a folder in Trino and writes `name.out`: per row a line `row` and then a line for each cell. */
public class Ask {
  public static void main(String[] args) throws Exception {
    Session session = testSessionBuilder().setTimeZoneKey(TimeZoneKey.UTC_KEY).build();
    List<Path> files;
    try (var folder = Files.list(Path.of(args[0]))) {
      files = folder.filter(file -> file.toString().endsWith(".sql")).sorted().collect(Collectors.toList());
    }
    try (LocalQueryRunner trino = LocalQueryRunner.create(session)) {
      for (Path file : files) {
        String answer;
        try {
          answer = text(trino.execute(Files.readString(file)));
        } catch (RuntimeException error) {
          answer = "error " + oneLine(error.getMessage());
        }
        Files.writeString(Path.of(file.toString().replaceAll("sql$", "out")), answer);
      }
    }
    System.exit(0);
  }

  private static String text(MaterializedResult result) {
    StringBuilder lines = new StringBuilder(String.join("\t", result.getColumnNames()));
    for (MaterializedRow row : result) {
      lines.append("\nrow");
      for (Object cell : row.getFields()) lines.append('\n').append(oneLine(cell));
    }
    return lines.toString();
  }

  private static String oneLine(Object cell) {
    return String.valueOf(cell).replace("\n", "\\n");
  }
}
