#include "media/media.h"

#define BLOB "/v1/blobs/{bucket}/{key...}"
#define SOUNDS "/v1/system-assets"
#define SOUND "/v1/system-assets/{asset}"

#define FILTERS &fc_system_asset_list_shape

const struct fc_route fc_media_routes[] = {
    /*       method, path, who may call, scope, query, body, success, handler */
    FC_ROUTE(GET, BLOB,   PUBLIC, NULL, NULL,    NULL, 200, fc_blob_get),
    FC_ROUTE(PUT, BLOB,   PUBLIC, NULL, NULL,    NULL, 200, fc_blob_put, .sink = &fc_blob_sink),
    FC_ROUTE(GET, SOUNDS, ANYONE, NULL, FILTERS, NULL, 200, fc_system_asset_list),
    FC_ROUTE(GET, SOUND,  ANYONE, NULL, NULL,    NULL, 200, fc_system_asset_get),
    {0},
};
