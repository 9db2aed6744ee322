namespace ModelDsl.Attacks.Readers;

/// <summary>Small tokenizer.json that together have every kind of component.</summary>
internal static class TokenizerDocuments
{
    private const string Added = """
        "added_tokens": [
          { "id": 0, "content": "<unk>", "special": true, "normalized": false, "single_word": false, "lstrip": false, "rstrip": false },
          { "id": 9, "content": "<|end|>", "special": false, "normalized": true, "single_word": true, "lstrip": true, "rstrip": true }
        ]
        """;

    public static readonly string[] All =
    [
        $$"""
        { "version": "1.0", "truncation": null, "padding": null, {{Added}},
          "normalizer": { "type": "Sequence", "normalizers": [
            { "type": "Prepend", "prepend": "▁" }, { "type": "Replace", "pattern": { "String": " " }, "content": "▁" },
            { "type": "Replace", "pattern": { "Regex": " {2,}" }, "content": " " }, { "type": "NFKC" }, { "type": "Lowercase" }, { "type": "StripAccents" }, { "type": "Strip", "strip_left": true, "strip_right": false } ] },
          "pre_tokenizer": { "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true },
          "post_processor": null,
          "decoder": { "type": "Sequence", "decoders": [ { "type": "Replace", "pattern": { "String": "▁" }, "content": " " }, { "type": "ByteFallback" }, { "type": "Fuse" }, { "type": "Strip", "content": " ", "start": 1, "stop": 0 } ] },
          "model": { "type": "Unigram", "unk_id": 0, "byte_fallback": false, "vocab": [["<unk>", 0.0], ["▁", -2.0], ["a", -2.5], ["b", -3.0], ["▁a", -1.5], ["ab", -4.0], ["c", -5.0], ["hello", -6.5], ["▁hello", -6.0]] } }
        """,
        $$"""
        { "version": "1.0", {{Added}},
          "normalizer": { "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true },
          "pre_tokenizer": { "type": "BertPreTokenizer" },
          "post_processor": { "type": "TemplateProcessing", "single": [{ "SpecialToken": { "id": "<unk>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }],
            "pair": [{ "Sequence": { "id": "A", "type_id": 0 } }, { "Sequence": { "id": "B", "type_id": 1 } }], "special_tokens": { "<unk>": { "id": "<unk>", "ids": [0], "tokens": ["<unk>"] } } },
          "decoder": { "type": "WordPiece", "prefix": "##", "cleanup": true },
          "model": { "type": "WordPiece", "unk_token": "<unk>", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": { "<unk>": 0, "a": 1, "##a": 2, "b": 3, "##b": 4, "hello": 5, "wor": 6, "##ld": 7, ",": 8 } } }
        """,
        $$"""
        { "version": "1.0", {{Added}},
          "normalizer": null,
          "pre_tokenizer": { "type": "Sequence", "pretokenizers": [
            { "type": "Split", "pattern": { "Regex": "\\p{N}{1,3}| ?\\p{L}+|\\s+(?!\\S)|\\s+|[^\\s\\p{L}\\p{N}]+" }, "behavior": "Isolated", "invert": false },
            { "type": "Split", "pattern": { "String": "b" }, "behavior": "MergedWithPrevious", "invert": false }, { "type": "Digits", "individual_digits": true }, { "type": "Punctuation", "behavior": "Removed" },
            { "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false } ] },
          "post_processor": { "type": "Sequence", "processors": [ { "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true } ] },
          "decoder": { "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true },
          "model": { "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": true,
            "vocab": { "<unk>": 0, "a": 1, "b": 2, "c": 3, "ab": 4, "abc": 5, "Ġ": 6, "Ġa": 7, "1": 8 }, "merges": [["a", "b"], ["ab", "c"], ["Ġ", "a"]] } }
        """,
        $$"""
        { "version": "1.0", {{Added}},
          "normalizer": null, "pre_tokenizer": { "type": "WhitespaceSplit" }, "post_processor": { "type": "BertProcessing", "sep": ["b", 2], "cls": ["a", 1] }, "decoder": null,
          "model": { "type": "WordLevel", "unk_token": "<unk>", "vocab": { "<unk>": 0, "a": 1, "b": 2, "hello": 3, "Hello": 4 } } }
        """,
        $$"""
        { "version": "1.0", {{Added}},
          "normalizer": { "type": "Sequence", "normalizers": [] }, "pre_tokenizer": null, "post_processor": null,
          "decoder": { "type": "Sequence", "decoders": [ { "type": "ByteFallback" }, { "type": "Fuse" } ] },
          "model": { "type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true, "vocab": { "<unk>": 0, "<0x0A>": 1, "<0xC3>": 2, "<0xA9>": 3, "a": 4, "b": 5, "ab": 6, "▁": 7, "▁a": 8 }, "merges": ["a b", "▁ a"] } }
        """,
    ];
}
