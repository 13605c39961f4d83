package dev.eosin.data.settings;

import dev.eosin.config.Doc;

/// Where samples come from; the key `type` of `data.train` and `data.validation` chooses.
@Doc("Where samples come from.")
public sealed interface SourceSettings
    permits FolderSettings,
        CsvSettings,
        WebDatasetSettings,
        ParquetSettings,
        SyntheticSettings,
        SlidesSettings,
        JsonSettings,
        JsonLinesSettings,
        LlavaJsonSettings,
        PathGenJsonSettings,
        QuestionSetSettings,
        CaptionConversationsSettings,
        RecaptionedSettings,
        MixtureSettings,
        SplitSettings {}
