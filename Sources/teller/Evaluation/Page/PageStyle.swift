/// The style sheet of a report, for light and dark, wide and narrow.
enum PageStyle {
  static let element = """
    <style>
    :root {
      color-scheme: light dark;
      --paper: #fff; --ink: #1c1c1e; --quiet: #5c5c63; --grid: #dcdce2;
      --model-0: #1f6fb2; --model-1: #c8500a; --model-2: #2b8a3e; --model-3: #7a4fbf;
      --model-4: #b02a5b; --model-5: #6b7280; --model-6: #8a6d00; --model-7: #0b8a8f;
      --model-8: #7b4a2a; --model-9: #c0269e;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #17171a; --ink: #ececf0; --quiet: #a5a5ae; --grid: #3a3a42;
        --model-0: #5aa9e6; --model-1: #ff9a4d; --model-2: #62c370; --model-3: #b494f0;
        --model-4: #f0739f; --model-5: #a7adb8; --model-6: #d9b93b; --model-7: #45c4c9;
        --model-8: #c9946e; --model-9: #ee82d8;
      }
    }
    body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: var(--paper); color: var(--ink) }
    main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
    h1 { font-size: 1.5rem; line-height: 1.25 }
    h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem }
    figure { margin: 0 }
    svg { display: block; width: 100%; height: auto }
    svg text { font: 13px system-ui, sans-serif; fill: var(--ink) }
    .table { overflow-x: auto; margin: .75rem 0 }
    table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums }
    td, th { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid var(--grid); white-space: nowrap }
    th { color: var(--quiet); font-weight: 600 }
    td:first-child, th:first-child { text-align: left; padding-left: 0 }
    summary { cursor: pointer; margin-top: .75rem }
    </style>
    """
}
