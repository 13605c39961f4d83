package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// `type: question-set`: a published set of questions as it is downloaded.
@Doc("Published questions about images, in the files that their authors give.")
public record QuestionSetSettings(
    @Doc(
            "The file: .json, .jsonl, .csv, .tsv, .pkl or .parquet, or a folder or pattern of"
                + " Parquet files; its name says which.")
        Path path,
    @Doc(
            "Whose fields: clover ({question, answer, path}), path-vqa (Parquet, or the original"
                + " .pkl, whose images are .jpg), pmc-vqa (Figure_path, Question, Choice A to D,"
                + " Answer), multiple-choice (image, question with its vignette, the options A, B"
                + " and so on or a list options, answer as a letter or text), quilt-vqa (image,"
                + " question, answer, answer_type, yes_no_answer), llava-med (conversations; choose"
                + " pathology by where) or degraded (what eosin prepare makes of captions: the"
                + " question is the corrupted caption, the answer the target; for revise).")
        Layout layout,
    @Doc("The folder that image paths start from; without it the file's own folder.")
        Optional<Path> images,
    @Doc("Keeps the rows whose fields have these values, for example { split: train }.")
        @OrElse("{}")
        Map<String, String> where,
    @Doc(SampleLists.ONLY_DOC) Optional<Path> only,
    @Doc(SampleLists.WITHOUT_DOC) Optional<Path> without,
    @Doc(SampleLists.ID_DOC) Optional<String> id)
    implements SourceSettings {
  /// Whose fields.
  public enum Layout {
    CLOVER,
    PATH_VQA,
    PMC_VQA,
    QUILT_VQA,
    LLAVA_MED,
    MULTIPLE_CHOICE,
    DEGRADED
  }

  public QuestionSetSettings {
    where = Collections.unmodifiableMap(new TreeMap<>(where));
  }

  /// All rows.
  public QuestionSetSettings(Path path, Layout layout, Optional<Path> images) {
    this(path, layout, images, Map.of(), Optional.empty(), Optional.empty(), Optional.empty());
  }
}
