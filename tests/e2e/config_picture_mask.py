# SPDX-License-Identifier: MIT
"""PictureMask: at most four regions."""

import _config
import lib


def mask(*items):
    return (f'<PictureMask><On>1</On><SumNum>{len(items)}</SumNum><RegionList Num="{len(items)}">'
            + "".join(f"<Item><Seq>{seq}</Seq><Point>{point}</Point></Item>" for seq, point in items) +
            "</RegionList></PictureMask>")


def test(t):
    _config.block(t, "PictureMask", mask((1, "0,0,100,50"), (2, "200,10,300,20"), (3, "1,2,3,4"), (4, "5,6,7,8")),
                  default='<PictureMask><On>0</On><SumNum>0</SumNum><RegionList Num="0"/></PictureMask>',
                  bad=[mask(*[(1, "1,2,3,4")] * 5), mask((5, "1,2,3,4")), mask((1, "1,2,3")), mask((1, "a,b,c,d")),
                       "<PictureMask><SumNum>0</SumNum></PictureMask>"])


lib.main(test)
